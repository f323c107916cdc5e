// The imports that a code block of the documentation may leave out; the names that it imports or declares are taken out.
import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { readFile } from 'node:fs/promises';

import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { ClientProxy, ClientsModule, MessagePattern, Transport } from '@nestjs/microservices';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import {
  getNatsAuthClientToken,
  getNatsAuthServerToken,
  getUserInfoProviderToken,
  InjectNatsAuthClient,
  InjectNatsAuthService,
  NatsAuthClient,
  natsAuthConfig,
  NatsAuthError,
  NatsAuthHealthIndicator,
  NatsAuthModule,
  NatsAuthServer,
  NatsAuthService,
  natsAuthTransport,
  type TracedHandle,
  type UserInfo,
  type UserInfoProvider,
  type UserInfoRequest,
} from 'nestjs-nats-auth';
import {
  ClientCredentialsProvider,
  CredsFileProvider,
  JwtFilesProvider,
  NkeySeedFileProvider,
  PasswordFilesProvider,
  TokenFileProvider,
} from 'nestjs-nats-auth/providers';
import { firstValueFrom } from 'rxjs';
