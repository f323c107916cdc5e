import { transportNode } from '../../bench/jetstream/drivers/transport-node.js';
import { describeRotations } from './rotations.js';

describeRotations(transportNode);
