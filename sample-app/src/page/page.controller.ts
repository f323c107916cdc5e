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
import { map, type Observable, timer } from 'rxjs';

import { SYSTEM_VIEW, type SystemView } from './system-view.js';

const SNAPSHOT_EVERY_MS = 250;

/** What the page is fed with, and its buttons. */
@Controller('api')
export class PageController {
  constructor(@Inject(SYSTEM_VIEW) private readonly system: SystemView) {}

  @Sse('events')
  events(): Observable<MessageEvent> {
    let revision = 0;
    return timer(0, SNAPSHOT_EVERY_MS).pipe(
      map(() => {
        const snapshot = this.system.snapshot(revision);
        revision = snapshot.revision;
        return { type: 'snapshot', data: snapshot };
      }),
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
