"""What a call costs a Python host: see cost.c. Prints the processor time of a decision with its verdict as JSON, in microseconds.

    cost.py HOSTS RULES CALLS        HOSTS: the folder of host.py
"""
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import host

EVENT = (b'{"id":"c1","time":1795309200000,"channel":"douyin","account":"papers","type":"comment",'
         b'"contact":{"id":"u1","name":"Lin"},"text":"nice video","post":"v1"}')
weir, calls = host.Weir(sys.argv[2]), int(sys.argv[3])
began = time.process_time()
for _ in range(calls):
    weir.decide(EVENT, 1795309200000)
print("%.3f" % ((time.process_time() - began) / calls * 1e6))
weir.close()
