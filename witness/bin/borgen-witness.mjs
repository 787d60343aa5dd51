#!/usr/bin/env node
// Made from src/ by test/bundle.test.ts; do not edit.

// src/main.ts
import { existsSync as existsSync2, mkdirSync, readdirSync, readFileSync as readFileSync2, writeFileSync } from "node:fs";
import { createServer as createServer2 } from "node:net";
import { join as join2, resolve } from "node:path";
import { parseArgs } from "node:util";

// src/keys.ts
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify
} from "node:crypto";
var LOG_KEY = 1;
var WITNESS_KEY = 4;
var PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
var SPKI = Buffer.from("302a300506032b6570032100", "hex");
function parseVerifierKey(text2, type) {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text2.trim()) ?? [];
  const bytes = fromBase64(encoded ?? "");
  if (!name || !id || bytes?.length !== 33 || bytes[0] !== type)
    throw new Error(
      `this is not a key of the form <name>+<8 hex digits>+<base64>: ${text2.trim().slice(0, 200)}`
    );
  const keyId = keyIdOf(name, type, bytes.subarray(1));
  if (keyId.toString("hex") !== id) throw new Error(`the id ${id} is not that of the key of ${name}`);
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI, bytes.subarray(1)]),
    format: "der",
    type: "spki"
  });
  return { name, keyId, publicKey, text: text2.trim() };
}
function makeWitnessKey(name) {
  if (!/^[^+\s]+$/u.test(name)) throw new Error("the name of a witness holds neither spaces nor plus signs");
  const seed = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" }).subarray(-32);
  return keyOf(name, seed);
}
function parseWitnessKey(text2) {
  const [, name, id, encoded] = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text2.trim()) ?? [];
  const bytes = fromBase64(encoded ?? "");
  if (!name || !id || bytes?.length !== 33 || bytes[0] !== WITNESS_KEY)
    throw new Error("the key file does not hold a witness key");
  const key = keyOf(name, bytes.subarray(1));
  if (key.keyId.toString("hex") !== id) throw new Error("the key file is damaged: its key id is wrong");
  return key;
}
function cosign(key, text2, timeSeconds) {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timeSeconds));
  const signature = sign(null, Buffer.from(`cosignature/v1
time ${timeSeconds}
${text2}`), key.privateKey);
  return `— ${key.name} ${Buffer.concat([key.keyId, time, signature]).toString("base64")}
`;
}
function holds(key, text2, signature) {
  return signature.length === 64 && verify(null, Buffer.from(text2), key.publicKey, signature);
}
function fromBase64(text2) {
  const bytes = Buffer.from(text2, "base64");
  return text2 !== "" && bytes.toString("base64") === text2 ? bytes : void 0;
}
function keyOf(name, seed) {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const raw = createPublicKey(privateKey).export({ type: "spki", format: "der" }).subarray(-32);
  const keyId = keyIdOf(name, WITNESS_KEY, raw);
  const line = (bytes) => `${name}+${keyId.toString("hex")}+${Buffer.concat([Buffer.of(WITNESS_KEY), bytes]).toString("base64")}`;
  return { name, keyId, privateKey, verifier: line(raw), text: `PRIVATE+KEY+${line(seed)}` };
}
function keyIdOf(name, type, publicKey) {
  const hash = createHash("sha256").update(`${name}
`).update(Buffer.of(type)).update(publicKey);
  return hash.digest().subarray(0, 4);
}

// src/memory.ts
import { createHash as createHash2 } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

// src/checkpoint.ts
var NOTE_LIMIT = 65536;
var SIGNATURE_LIMIT = 100;
var SIZE_LIMIT = 2n ** 64n;
function parseCheckpoint(note) {
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || note.length > NOTE_LIMIT || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return void 0;
  const text2 = note.slice(0, split + 1);
  const lines = text2.slice(0, -1).split("\n");
  const [origin, size = "", root = ""] = lines;
  const rootBytes = fromBase64(root);
  if (!origin || lines.includes("") || rootBytes?.length !== 32) return void 0;
  const sizeIs = parseSize(size);
  const rest = note.slice(split + 2);
  if (sizeIs === void 0 || rest === "" || !rest.endsWith("\n")) return void 0;
  const signed = rest.slice(0, -1).split("\n");
  if (signed.length > SIGNATURE_LIMIT) return void 0;
  const signatures = signed.flatMap((line) => parseSignature(line) ?? []);
  if (signatures.length !== signed.length) return void 0;
  return { text: text2, origin, size: sizeIs, root: rootBytes, signatures };
}
function parseSize(text2) {
  if (!/^(0|[1-9]\d{0,19})$/.test(text2)) return void 0;
  const size = BigInt(text2);
  return size < SIZE_LIMIT ? size : void 0;
}
function parseSignature(line) {
  const [, name, encoded] = /^\u2014 ([^+\s]+) (\S+)$/u.exec(line) ?? [];
  const bytes = fromBase64(encoded ?? "");
  if (name === void 0 || bytes === void 0 || bytes.length < 5) return void 0;
  return { line: `${line}
`, name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

// src/memory.ts
function originHash(origin) {
  return createHash2("sha256").update(origin).digest("hex");
}
function openMemory(folder, step = () => {
}) {
  const fileOf = (origin) => join(folder, `${originHash(origin)}.checkpoint`);
  return {
    recall(origin) {
      const file = fileOf(origin);
      if (!existsSync(file)) return void 0;
      const note = readFileSync(file, "utf8");
      const checkpoint = parseCheckpoint(note);
      if (checkpoint?.origin !== origin)
        throw new Error(`${file} is not what this witness wrote there; put it back from a copy`);
      return { note, checkpoint };
    },
    remember(origin, note) {
      const file = fileOf(origin);
      const fd = openSync(`${file}.new`, "w", 384);
      try {
        const bytes = Buffer.from(note);
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
        step("written");
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      step("synced");
      renameSync(`${file}.new`, file);
      step("renamed");
      syncFolder(folder);
      step("remembered");
    }
  };
}
function syncFolder(folder) {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

// src/serve.ts
import { chmodSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";

// src/consistency.ts
import { createHash as createHash3 } from "node:crypto";
var EMPTY_ROOT = createHash3("sha256").digest();
function isConsistent(from, to, hashes) {
  if (from.size > to.size) return false;
  if (from.size === 0n) return hashes.length === 0;
  if (from.size === to.size) return hashes.length === 0 && from.root.equals(to.root);
  if (hashes.length === 0) return false;
  const isPerfect = (from.size & from.size - 1n) === 0n;
  const [first, ...rest] = isPerfect ? [from.root, ...hashes] : hashes;
  let fn = from.size - 1n;
  let sn = to.size - 1n;
  while (fn & 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [fr, sr] = [first, first];
  for (const hash of rest) {
    if (sn === 0n) return false;
    if (fn & 1n || fn === sn) {
      ;
      [fr, sr] = [nodeHash(hash, fr), nodeHash(hash, sr)];
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else sr = nodeHash(sr, hash);
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && fr.equals(from.root) && sr.equals(to.root);
}
function nodeHash(left, right) {
  return createHash3("sha256").update(Buffer.of(1)).update(left).update(right).digest();
}

// src/witness.ts
var PROOF_LIMIT = 63;
function addCheckpoint(witness, body) {
  const request = parseRequest(body);
  if (request === void 0) return refusal(400, "this is not an add-checkpoint request");
  const { old, hashes, checkpoint } = request;
  const keys = witness.logs.filter((log) => log.name === checkpoint.origin);
  if (keys.length === 0) return refusal(404, "this log is not known here");
  const signedBy = verifiedLines(checkpoint, keys);
  if (signedBy === void 0) return refusal(403, "no known key of this log signed this checkpoint");
  if (old > checkpoint.size) return refusal(400, "the old size is larger than the new one");
  const last = witness.memory.recall(checkpoint.origin)?.checkpoint ?? { size: 0n, root: EMPTY_ROOT };
  if (old !== last.size) return { status: 409, type: "text/x.tlog.size", body: `${last.size}
` };
  if (checkpoint.size === 0n && !checkpoint.root.equals(EMPTY_ROOT))
    return refusal(422, "the root of an empty log is another");
  if (!isConsistent(last, checkpoint, hashes))
    return refusal(422, `this is not the log whose first ${last.size} entries were cosigned here`);
  const line = cosign(witness.key, checkpoint.text, Math.floor(witness.nowMs() / 1e3));
  witness.memory.remember(checkpoint.origin, `${checkpoint.text}
${signedBy.join("")}${line}`);
  return { status: 200, type: "text/plain; charset=utf-8", body: line };
}
function newestCheckpoint(witness, hashOf, asked) {
  const log = witness.logs.find((one) => hashOf(one.name) === asked);
  const seen = log && witness.memory.recall(log.name);
  if (!seen) return refusal(404, "no checkpoint of this log was cosigned here");
  return { status: 200, type: "text/plain; charset=utf-8", body: seen.note };
}
function verifiedLines(checkpoint, keys) {
  const lines = [];
  for (const { line, name, keyId, signature } of checkpoint.signatures) {
    const key = keys.find((one) => one.name === name && one.keyId.equals(keyId));
    if (!key) continue;
    if (!holds(key, checkpoint.text, signature)) return void 0;
    lines.push(line);
  }
  return lines.length > 0 ? lines : void 0;
}
function parseRequest(body) {
  const end = body.indexOf("\n\n");
  const [first = "", ...lines] = body.slice(0, Math.max(end, 0)).split("\n");
  const old = parseSize(/^old (\d+)$/.exec(first)?.[1] ?? "");
  const hashes = lines.flatMap((line) => fromBase64(line) ?? []);
  const checkpoint = end < 0 ? void 0 : parseCheckpoint(body.slice(end + 2));
  if (old === void 0 || checkpoint === void 0 || lines.length > PROOF_LIMIT) return void 0;
  if (hashes.length !== lines.length || hashes.some((hash) => hash.length !== 32)) return void 0;
  return { old, hashes, checkpoint };
}
function refusal(status, why) {
  return { status, type: "text/plain; charset=utf-8", body: `${why}
` };
}

// src/serve.ts
var BODY_LIMIT = 72 * 1024;
var REQUEST_MS = 1e4;
var CONNECTIONS = 200;
async function serve(serving, place) {
  const listener = (request, response) => {
    answer(serving, request).then(
      ({ status, type, body }) => {
        if (status !== 200 && status !== 409)
          serving.say(`${request.method} ${request.url?.slice(0, 100)}: ${status} ${body.trim()}`);
        response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
      },
      (error) => {
        serving.say(`failed: ${error instanceof Error ? error.message : error}`);
        response.writeHead(500, { "content-type": "text/plain" }).end("this witness cannot answer now\n");
      }
    );
  };
  const server = serving.tls ? createTlsServer(serving.tls, listener) : createServer(listener);
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS;
  server.maxConnections = CONNECTIONS;
  await new Promise((resolve2, reject) => {
    server.once("error", reject);
    if ("socketPath" in place) {
      removeStaleSocket(place.socketPath);
      server.listen(place.socketPath, resolve2);
    } else server.listen(place.port, place.host, resolve2);
  });
  if ("socketPath" in place) chmodSync(place.socketPath, 432);
  return server;
}
async function answer(serving, request) {
  const path = new URL(request.url ?? "/", "http://witness").pathname;
  if (path === "/add-checkpoint") {
    if (request.method !== "POST") return plain(405, "POST a checkpoint here");
    const body = await bodyOf(request);
    return body === void 0 ? plain(413, "a checkpoint with its proof is shorter") : addCheckpoint(serving, body);
  }
  const [, hash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path) ?? [];
  if (hash === void 0) return plain(404, "there is /add-checkpoint and /<origin hash>/checkpoint");
  if (request.method !== "GET") return plain(405, "GET this");
  return newestCheckpoint(serving, originHash, hash);
}
async function bodyOf(request) {
  const pieces = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    if (length > BODY_LIMIT) return void 0;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
function plain(status, why) {
  return { status, type: "text/plain; charset=utf-8", body: `${why}
` };
}
function removeStaleSocket(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isSocket()) rmSync(path);
}

// src/main.ts
var HELP = `borgen witness: cosigns the checkpoints of a log after proof that it only grew

  borgen witness init --state DIR --name NAME
  borgen witness run  --state DIR --log-key KEY... [--listen 127.0.0.1:8181 | --listen unix:PATH]
                      [--tls-cert FILE --tls-key FILE]
  borgen witness key  --state DIR

  --state DIR     its folder: its own key, and what it saw last of each log. They stay together: a witness that has
                  forgotten what it saw must not go on under the same key
  --name NAME     how it is called in its signatures, such as witness.example/w1; it is no address
  --log-key KEY   the public key of a log to be cosigned (\`borgen log witnesses\` prints it), or a file that holds it
  --listen        a host and port (a loopback one unless you put something before it), or a Unix socket

\`init\` prints the key by which others know this witness: hand it to \`borgen up --witness URL=KEY\`.
It speaks c2sp.org/tlog-witness, so any log that does can use it, and Borgen can use any such witness.
Exit codes: 0 stopped, 1 it could not run, 2 usage.
`;
var DEFAULT_LISTEN = "127.0.0.1:8181";
var text = { type: "string" };
var UsageError = class extends Error {
};
var TERMINAL = {
  out: (text2) => void process.stdout.write(text2),
  err: (text2) => void process.stderr.write(text2)
};
async function main(args, output = TERMINAL) {
  const [command, ...rest] = args;
  try {
    if (command === void 0 || command === "--help" || command === "-h" || rest.includes("--help")) {
      output.out(HELP);
      return command === void 0 ? 2 : 0;
    }
    if (command === "init") return init(rest, output);
    if (command === "key") return showKey(rest, output);
    if (command === "run") return await run(rest, output);
    throw new UsageError(`there is no command ${command}`);
  } catch (error) {
    const isUsage = error instanceof UsageError || /^ERR_PARSE_ARGS/.test(error.code ?? "");
    output.err(`borgen witness: ${error instanceof Error ? error.message : error}
`);
    if (isUsage) output.err("See borgen witness --help.\n");
    return isUsage ? 2 : 1;
  }
}
function init(args, output) {
  const { values } = parseArgs({ args, options: { state: text, name: text } });
  const folder = folderOf(values.state);
  if (values.name === void 0) throw new UsageError("--name is missing");
  mkdirSync(folder, { recursive: true, mode: 448 });
  if (readdirSync(folder).length > 0)
    throw new Error(`${folder} holds files already; a witness begins in an empty folder`);
  const key = makeWitnessKey(values.name);
  writeFileSync(keyFile(folder), `${key.text}
`, { mode: 384, flag: "wx", flush: true });
  syncFolder(folder);
  output.out(`${key.verifier}
`);
  return 0;
}
function showKey(args, output) {
  const { values } = parseArgs({ args, options: { state: text } });
  output.out(`${readKey(folderOf(values.state)).verifier}
`);
  return 0;
}
async function run(args, output) {
  const options = {
    state: text,
    listen: text,
    "log-key": { type: "string", multiple: true },
    "tls-cert": text,
    "tls-key": text
  };
  const { values } = parseArgs({ args, options });
  const folder = folderOf(values.state);
  const key = readKey(folder);
  const logs = (values["log-key"] ?? []).map((given) => parseVerifierKey(keyText(given), LOG_KEY));
  if (logs.length === 0) throw new UsageError("no --log-key is given: there is nothing to witness");
  const { "tls-cert": cert, "tls-key": tlsKey } = values;
  if (cert === void 0 !== (tlsKey === void 0))
    throw new UsageError("--tls-cert and --tls-key go together");
  const place = placeOf(values.listen ?? DEFAULT_LISTEN);
  await becomeOnly(folder);
  const memory = openMemory(folder);
  for (const { name } of logs) memory.recall(name);
  const say = (line) => output.err(`${line}
`);
  const tls = cert && tlsKey ? { tls: { cert: readFileSync2(cert), key: readFileSync2(tlsKey) } } : {};
  const server = await serve({ key, logs, memory, nowMs: Date.now, say, ...tls }, place);
  say(`witness ${key.verifier} listens on ${values.listen ?? DEFAULT_LISTEN}`);
  output.out("READY\n");
  return new Promise((stopped) => {
    for (const signal of ["SIGTERM", "SIGINT"])
      process.once(signal, () => {
        server.close(() => stopped(0));
        server.closeAllConnections();
      });
  });
}
function folderOf(given) {
  if (given === void 0 || given === "") throw new UsageError("--state is missing");
  return resolve(given);
}
var keyFile = (folder) => join2(folder, "witness.key");
function readKey(folder) {
  if (!existsSync2(keyFile(folder)))
    throw new Error(
      `there is no witness in ${folder}; make one with: borgen witness init --state ${folder} --name NAME`
    );
  return parseWitnessKey(readFileSync2(keyFile(folder), "utf8"));
}
function keyText(given) {
  return existsSync2(given) ? readFileSync2(given, "utf8") : given;
}
function placeOf(listen) {
  if (listen.startsWith("unix:")) return { socketPath: resolve(listen.slice(5)) };
  const [, host, port] = /^(?:\[([0-9a-fA-F:]+)\]|[^:\s]+):(\d{1,5})$/.exec(listen) ?? [];
  if (port === void 0) throw new UsageError(`--listen ${listen} is neither HOST:PORT nor unix:PATH`);
  return { host: host ?? listen.slice(0, listen.lastIndexOf(":")), port: Number(port) };
}
async function becomeOnly(folder) {
  if (process.platform !== "linux") return;
  const lock = createServer2();
  await new Promise((taken, refused) => {
    lock.once("error", () => refused(new Error(`a witness runs in ${folder} already`)));
    lock.listen(`\0borgen-witness-${originHash(folder)}`, taken);
  });
  lock.unref();
}

// src/borgen-witness.ts
process.exit(await main(process.argv.slice(2)));
