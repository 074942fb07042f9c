// What a call costs a Go host: see cost.c. Copied beside main.go; prints the processor time of a decision with its verdict as JSON,
// in microseconds. RULES and CALLS come by the environment.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"
)

const event = `{"id":"c1","time":1795309200000,"channel":"douyin","account":"papers","type":"comment",` +
	`"contact":{"id":"u1","name":"Lin"},"text":"nice video","post":"v1"}`

func cpu() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func TestCost(t *testing.T) {
	calls, err := strconv.Atoi(os.Getenv("CALLS"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := Open(Config{Rules: os.Getenv("RULES"), KeyFile: os.Getenv("WEIR_KEY"), Issuer: "urn:weir:go"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	now := time.UnixMilli(1795309200000)
	began := cpu()
	for i := 0; i < calls; i++ {
		if _, err := w.Decide([]byte(event), now); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("%.3f\n", float64((cpu()-began).Nanoseconds())/float64(calls)/1e3)
}
