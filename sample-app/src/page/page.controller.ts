import {
  ConflictException,
  Controller,
  HttpCode,
  Inject,
  type MessageEvent,
  NotFoundException,
  Param,
  Post,
  Sse,
} from '@nestjs/common';
import { map, merge, type Observable, startWith, timer } from 'rxjs';

import { SYSTEM_VIEW, type SystemView } from './system-view.js';

const SNAPSHOT_EVERY_MS = 500;

/** What the page is fed with, and its buttons. */
@Controller('api')
export class PageController {
  constructor(@Inject(SYSTEM_VIEW) private readonly system: SystemView) {}

  @Sse('events')
  events(): Observable<MessageEvent> {
    const snapshots = timer(SNAPSHOT_EVERY_MS, SNAPSHOT_EVERY_MS).pipe(startWith(0));
    return merge(
      snapshots.pipe(map(() => ({ type: 'snapshot', data: this.system.snapshot() }))),
      this.system.happenings().pipe(map((happening) => ({ type: 'happened', data: happening }))),
    );
  }

  @Post('actions/:id')
  @HttpCode(202)
  act(@Param('id') id: string): void {
    const started = this.system.act(id);
    if (started === undefined) throw new NotFoundException(`There is no action '${id}'.`);
    if (!started) throw new ConflictException(`'${id}' makes no sense at the moment.`);
  }
}
