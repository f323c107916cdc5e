import { Module } from '@nestjs/common';

import { Licences } from './licences.js';

@Module({ providers: [Licences], exports: [Licences] })
export class LicencesModule {}
