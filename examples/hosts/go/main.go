// A bot gateway in Go: loads a pack, feeds events (a JSON object a line), hands out records, acknowledges them.
//
//	weir key new
//	go run . RULES [STATE] < events.jsonl > records.jws        weir found by pkg-config; WEIR_KEY names another key than weir-key.json
package main

/*
#cgo pkg-config: weir
#include <stdlib.h>
#include <weir.h>

// cgo passes no struct that holds Go pointers.
static weir_status open_engine(weir_engine **out, const char *json, size_t len, weir_error *err) {
  return weir_engine_open_json(out, (weir_str){ json, len }, err);
}
static weir_status decide(weir_engine *engine, const char *json, size_t len, int64_t now, weir_verdict *verdict, weir_error *err) {
  return weir_decide_json(engine, (weir_str){ json, len }, now, verdict, err);
}
*/
import "C"

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"
)

// Weir is one engine: one shop, used by one goroutine at a time.
type Weir struct {
	engine  *C.weir_engine
	verdict C.weir_verdict
	json    [C.WEIR_VERDICT_JSON_BYTES]C.char
	err     C.weir_error
}

func (w *Weir) check(status C.weir_status) error {
	if status >= 0 {
		return nil
	}
	return errors.New(C.GoString(&w.err.message[0]))
}

// Config is what weir_engine_open_json takes; weir.h lists the other members.
type Config struct {
	Rules   string `json:"rules"`
	State   string `json:"state,omitempty"` // absent: people are kept in memory
	KeyFile string `json:"key_file"`
	Issuer  string `json:"issuer"`
}

// Open loads rules and key.
func Open(config Config) (*Weir, error) {
	w := &Weir{}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return w, w.check(C.open_engine(&w.engine, (*C.char)(unsafe.Pointer(&text[0])), C.size_t(len(text)), &w.err))
}

// Close frees everything.
func (w *Weir) Close() {
	C.weir_engine_close(w.engine)
}

func (w *Weir) answer() (string, error) {
	var n C.size_t
	err := w.check(C.weir_verdict_json(&w.verdict, &w.json[0], C.size_t(len(w.json)), &n, &w.err))
	return C.GoStringN(&w.json[0], C.int(n)), err
}

// Decide gives the verdict for one event, JSON in and JSON out.
func (w *Weir) Decide(event []byte, now time.Time) (string, error) {
	if len(event) == 0 {
		event = []byte(" ")
	}
	st := C.decide(w.engine, (*C.char)(unsafe.Pointer(&event[0])), C.size_t(len(event)), C.int64_t(now.UnixMilli()), &w.verdict, &w.err)
	if err := w.check(st); err != nil {
		return "", err
	}
	return w.answer()
}

// Stats is what was counted since the engine was opened, as JSON.
func (w *Weir) Stats() (string, error) {
	var n C.size_t
	err := w.check(C.weir_stats_json(w.engine, &w.json[0], C.size_t(len(w.json)), &n, &w.err))
	return C.GoStringN(&w.json[0], C.int(n)), err
}

// Tick decides the next timer that is due; false: there is none.
func (w *Weir) Tick(now time.Time) (bool, error) {
	st := C.weir_tick(w.engine, C.int64_t(now.UnixMilli()), &w.verdict, &w.err)
	return st == C.WEIR_OK, w.check(st)
}

// Records hands out committed records, oldest first, and acknowledges each that `send` took.
func (w *Weir) Records(send func(jws string) error) error {
	var record C.weir_record
	for {
		st := C.weir_next_record(w.engine, &record, &w.err)
		if st == C.WEIR_NONE {
			return nil
		}
		if err := w.check(st); err != nil {
			return err
		}
		aud := C.GoStringN(record.aud.ptr, C.int(record.aud.len))
		seq := record.seq
		if err := send(C.GoStringN(record.jws.ptr, C.int(record.jws.len))); err != nil {
			return err
		}
		name := C.CString(aud)
		st = C.weir_ack(w.engine, C.weir_str{ptr: name, len: C.size_t(len(aud))}, seq, &w.err)
		C.free(unsafe.Pointer(name))
		if err := w.check(st); err != nil {
			return err
		}
	}
}

func run() error {
	config := Config{Rules: os.Args[1], KeyFile: "weir-key.json", Issuer: "urn:weir:go"}
	if len(os.Args) > 2 {
		config.State = os.Args[2]
	}
	if file := os.Getenv("WEIR_KEY"); file != "" {
		config.KeyFile = file
	}
	w, err := Open(config)
	if err != nil {
		return err
	}
	defer w.Close()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		now := time.Now()
		for more := true; more; {
			if more, err = w.Tick(now); err != nil {
				return err
			}
		}
		verdict, err := w.Decide(lines.Bytes(), now)
		if err != nil {
			fmt.Fprintln(os.Stderr, "refused:", err)
		} else {
			fmt.Fprintln(os.Stderr, verdict)
		}
		if err := w.Records(func(jws string) error { _, err := fmt.Fprintln(out, jws); return err }); err != nil {
			return err
		}
	}
	stats, err := w.Stats()
	fmt.Fprintln(os.Stderr, stats)
	return err
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}
