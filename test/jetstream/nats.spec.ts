import { nats } from '../../bench/jetstream/drivers/nats.js';
import { describeRotations } from './rotations.js';

describeRotations(nats);
