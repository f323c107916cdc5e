import { Module } from '@nestjs/common';

import { KmsService } from './kms.service.js';
import { UserJwtService } from './user-jwt.service.js';

@Module({ providers: [KmsService, UserJwtService], exports: [KmsService, UserJwtService] })
export class KmsModule {}
