// What a call costs a Node host: see cost.c. Prints the processor time of a decision with its verdict as JSON, in microseconds.
//
//   node cost.mjs RULES CALLS        beside host.mjs
import { Weir } from './host.mjs';

const event = '{"id":"c1","time":1795309200000,"channel":"douyin","account":"papers","type":"comment",'
  + '"contact":{"id":"u1","name":"Lin"},"text":"nice video","post":"v1"}';
const weir = new Weir(process.argv[2]);
const calls = Number(process.argv[3]);
for (let i = 0; i < calls / 10; i++) weir.decide(event, 1795309200000); // until it is compiled
const began = process.cpuUsage();
for (let i = 0; i < calls; i++) weir.decide(event, 1795309200000);
const used = process.cpuUsage(began);
console.log(((used.user + used.system) / calls).toFixed(3));
weir.close();
