// Made from src/ by src/cli/bundle.test.ts; do not edit.
// src/bytes.ts
var utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function fromHex(text, sizeBytes) {
  return text.length === sizeBytes * 2 && /^[0-9a-f]*$/.test(text) ? Buffer.from(text, "hex") : void 0;
}
function fromBase64(text) {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : void 0;
}
function fromUtf8(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    return void 0;
  }
}
function printable(text, limit = 160) {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped);
}
function escaped(char) {
  return `\\u{${char.codePointAt(0).toString(16)}}`;
}

// src/codes.ts
var codes = [
  // what was handed over cannot be read as what it should be
  "json_malformed",
  "shape_wrong",
  "format_unknown",
  "key_malformed",
  "key_id_wrong",
  "note_malformed",
  "checkpoint_malformed",
  "leaf_malformed",
  // it can be read, and does not hold
  "signature_missing",
  "signature_wrong",
  "cosignature_wrong",
  "origin_differs",
  "size_differs",
  "size_zero",
  "size_order",
  "index_beyond_size",
  "index_differs",
  "hash_length",
  "proof_length",
  "root_differs",
  "commitment_differs",
  // places in a log's folder
  "file_missing",
  "file_length",
  "file_unreadable",
  "file_unknown",
  "bundle_malformed",
  "entry_malformed",
  "entry_differs",
  "hash_differs",
  "disagreement",
  "subtree_differs",
  "partial_differs",
  "beyond_size",
  "checkpoint_ahead",
  "checkpoint_inconsistent",
  "vkey_differs",
  "vkey_missing",
  // why nothing can be said, or less than it seems
  "no_log",
  "no_key",
  "cosignature_missing",
  "key_from_folder",
  "not_computed",
  "limit_reached"
];
function reject(code, message) {
  return { verdict: "rejected", code, message };
}

// src/merkle/hash.ts
import { hash } from "node:crypto";
var hashSizeBytes = 32;
var leafPrefix = Buffer.from([0]);
var nodeInput = Buffer.alloc(1 + 2 * hashSizeBytes);
nodeInput[0] = 1;
function sha256(bytes) {
  return Buffer.from(hash("sha256", bytes, "binary"), "latin1");
}
function leafHash(leaf) {
  return sha256(Buffer.concat([leafPrefix, leaf]));
}
function nodeHash(left, right) {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + hashSizeBytes);
  return sha256(nodeInput);
}
function rootInPlace(hashes) {
  for (let width = hashes.length; width > hashSizeBytes; width /= 2)
    for (let at = 0; at < width; at += 2 * hashSizeBytes) {
      hashes.copy(nodeInput, 1, at, at + 2 * hashSizeBytes);
      hashes.write(hash("sha256", nodeInput, "binary"), at / 2, "latin1");
    }
  return Buffer.from(hashes.subarray(0, hashSizeBytes));
}
var emptyRoot = sha256(new Uint8Array());
function sameHash(a, b) {
  return Buffer.compare(a, b) === 0;
}

// src/checkpoint/vkey.ts
import { createPublicKey, verify } from "node:crypto";
var logKeyType = 1;
var witnessKeyType = 4;
var spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");
function parseVerifierKey(text, type2 = logKeyType) {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  if (name === void 0 || id === void 0 || encoded === void 0)
    return reject(
      "key_malformed",
      "the key is not of the form <name>+<8 hex digits>+<base64>, on one line and without spaces"
    );
  const blob = fromBase64(encoded);
  if (blob === void 0 || blob.length !== 33 || blob[0] !== type2)
    return reject(
      "key_malformed",
      `the key is not base64 of 0x0${type2} and the 32 bytes of an Ed25519 public key`
    );
  const keyId = keyIdOf(name, blob);
  if (keyId.toString("hex") !== id)
    return reject(
      "key_id_wrong",
      `the key id is ${id}, but the name and the key give ${keyId.toString("hex")}`
    );
  return { verdict: "verified", name, keyId, publicKey: blob.subarray(1) };
}
function keyIdOf(name, typeAndKey) {
  return sha256(Buffer.concat([Buffer.from(`${name}
`), typeAndKey])).subarray(0, 4);
}
function signatureHolds(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = createPublicKey({
      key: Buffer.concat([spkiPrefix, publicKey]),
      format: "der",
      type: "spki"
    });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}

// src/checkpoint/cosignature.ts
var timeBytes = 8;
function readCosignatures(note, witnesses) {
  const found = [];
  for (const text of new Set(witnesses)) {
    const key = parseVerifierKey(text, witnessKeyType);
    if (key.verdict !== "verified") return key;
    for (const line of note.signatures) {
      if (line.name !== key.name || !line.keyId.equals(key.keyId)) continue;
      const isWhole = line.signature.length === timeBytes + 64;
      const timeSeconds = isWhole ? line.signature.readBigUInt64BE() : 0n;
      const signed = Buffer.from(`cosignature/v1
time ${timeSeconds}
${note.text}`);
      if (!isWhole || !signatureHolds(key.publicKey, signed, line.signature.subarray(timeBytes)))
        return reject(
          "cosignature_wrong",
          `the cosignature of ${printable(key.name)} does not hold for this text`
        );
      found.push({ witness: key.name, timeSeconds });
    }
  }
  return found;
}

// src/checkpoint/note.ts
var noteLimitBytes = 65536;
var signatureLimit = 100;
function parseNote(bytes) {
  const malformed = (why) => reject("note_malformed", `the note ${why}`);
  if (bytes.length > noteLimitBytes) return malformed("is longer than 64 KiB");
  const whole = fromUtf8(bytes);
  if (whole === void 0) return malformed("is not UTF-8");
  const control = [...whole].find((char) => char < " " && char !== "\n");
  if (control !== void 0)
    return malformed(`holds the control character U+${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const split = whole.lastIndexOf("\n\n");
  if (split < 0) return malformed("has no empty line between its text and its signatures");
  const rest = whole.slice(split + 2);
  if (rest === "") return malformed("has no signature line");
  if (!rest.endsWith("\n")) return malformed("does not end with a newline");
  const lines = rest.slice(0, -1).split("\n");
  if (lines.length > signatureLimit) return malformed(`has more than ${signatureLimit} signature lines`);
  const signatures = [];
  for (const [i, line] of lines.entries()) {
    const signature = parseSignatureLine(line);
    if (signature === void 0) return malformed(`has a malformed signature line (number ${i + 1})`);
    signatures.push(signature);
  }
  return { verdict: "verified", text: whole.slice(0, split + 1), signatures };
}
function parseSignatureLine(line) {
  const [, name, encoded] = /^\u2014 ([^+\s]+) (\S+)$/.exec(line) ?? [];
  if (name === void 0 || encoded === void 0) return void 0;
  const blob = fromBase64(encoded);
  if (blob === void 0 || blob.length < 5) return void 0;
  return { name, keyId: blob.subarray(0, 4), signature: blob.subarray(4) };
}

// src/checkpoint/checkpoint.ts
function verifyCheckpoint(question) {
  const { checkpoint, key, origin, witnesses = [] } = question;
  const note = parseNote(checkpoint);
  if (note.verdict !== "verified") return note;
  const parsed = parseCheckpointText(note.text);
  if ("verdict" in parsed) return parsed;
  const verdict = judge(note, parsed, key, origin);
  if (verdict.verdict !== "verified") return { ...verdict, stated: parsed };
  const cosignatures = readCosignatures(note, witnesses);
  return "verdict" in cosignatures ? { ...cosignatures, stated: parsed } : { ...verdict, cosignatures };
}
function judge(note, stated, vkey, origin) {
  if (vkey === void 0)
    return {
      verdict: "undecided",
      code: "no_key",
      message: "no key was given: nothing says that this signature is the log’s"
    };
  const key = parseVerifierKey(vkey);
  if (key.verdict !== "verified") return key;
  const ours = note.signatures.filter((line) => line.name === key.name && line.keyId.equals(key.keyId));
  if (ours.length === 0)
    return reject("signature_missing", `no signature line is by the trusted key ${printable(key.name)}`);
  const signed = Buffer.from(note.text);
  if (!ours.every((line) => signatureHolds(key.publicKey, signed, line.signature)))
    return reject("signature_wrong", `the signature of ${printable(key.name)} does not hold for this text`);
  for (const expected of [key.name, origin ?? key.name])
    if (stated.origin !== expected)
      return reject(
        "origin_differs",
        `the checkpoint is of ${printable(stated.origin)}, expected was ${printable(expected)}`
      );
  if (stated.size === 0n && !sameHash(stated.root, emptyRoot))
    return reject("root_differs", "the log is said to be empty, but the root is not that of an empty log");
  return { verdict: "verified", checkpoint: stated, signers: note.signatures.map((s) => s.name) };
}
function parseCheckpointText(text) {
  const malformed = (why) => reject("checkpoint_malformed", `the checkpoint’s ${why}`);
  const lines = text.slice(0, -1).split("\n");
  const [origin, size, root] = lines;
  if (origin === void 0 || size === void 0 || root === void 0)
    return malformed(`text has ${lines.length} line(s); origin, size and root are three`);
  if (lines.includes("")) return malformed("text holds an empty line");
  if (!/^(?:0|[1-9][0-9]{0,19})$/.test(size) || BigInt(size) >= 2n ** 64n)
    return malformed(`size is ${printable(size, 40)}, not a decimal number up to 2^64-1`);
  const hash3 = fromBase64(root);
  if (hash3 === void 0 || hash3.length !== hashSizeBytes)
    return malformed(`root is ${printable(root, 60)}, not base64 of 32 bytes`);
  return { origin, size: BigInt(size), root: hash3 };
}

// src/leaf/leaf.ts
var leafLimitBytes = 512;
var c = "[0-9a-f]{64}";
var region = "[a-z][a-z0-9-]{0,31}";
var stream = "event|audit|error|administrator|operator";
var subject = "plane|[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}";
var time = "0|[1-9][0-9]{0,15}";
var type = "[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*";
var canonical = new RegExp(
  `^\\{"c":"(${c})","region":"(${region})","stream":"(${stream})","subject":"(${subject})","time":(${time}),"type":"(${type})","v":1\\}$`
);
var patterns = {
  c: new RegExp(`^(?:${c})$`),
  region: new RegExp(`^(?:${region})$`),
  stream: new RegExp(`^(?:${stream})$`),
  subject: new RegExp(`^(?:${subject})$`),
  type: new RegExp(`^(?:${type})$`)
};
var members = ["c", "region", "stream", "subject", "time", "type", "v"];
function parseLeaf(bytes) {
  if (bytes.length > leafLimitBytes)
    return `leaf data is ${bytes.length} bytes long; at most ${leafLimitBytes} are allowed`;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const match = canonical.exec(text);
  if (match === null) return whyMalformed(bytes);
  const [, hash3, where, which, whose, when, what] = match;
  if (what.length > 64) return '"type" is longer than 64 characters';
  if (!Number.isSafeInteger(Number(when))) return '"time" is not a safe integer';
  return { c: hash3, region: where, stream: which, subject: whose, time: Number(when), type: what, v: 1 };
}
function whyMalformed(bytes) {
  const text = fromUtf8(bytes);
  if (text === void 0) return "leaf data is not UTF-8";
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return `leaf data is not JSON: ${printable(text, 80)}`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "leaf data is not an object";
  const found = value;
  for (const name of members) if (!Object.hasOwn(found, name)) return `"${name}" is missing`;
  for (const name of Object.keys(found))
    if (!members.includes(name)) return `"${printable(name, 40)}" is not a member of leaf data`;
  for (const [name, pattern] of Object.entries(patterns)) {
    const member = found[name];
    if (typeof member !== "string" || !pattern.test(member))
      return `"${name}" is ${printable(JSON.stringify(member), 80)}, which the format does not allow`;
  }
  if (!Number.isSafeInteger(found.time) || found.time < 0)
    return `"time" is ${printable(JSON.stringify(found.time), 40)}, not an integer of milliseconds from 0 to 2^53-1`;
  if (found.v !== 1) return `"v" is ${printable(JSON.stringify(found.v), 40)}; this verifier knows 1`;
  return "leaf data is not canonical JSON (order of members, white space, escapes or the form of a number)";
}

// src/proof/inclusion.ts
function verifyInclusion(proof) {
  const { index, size, leafHash: leafHash2, hashes, root } = proof;
  if (index < 0n || index >= size)
    return reject("index_beyond_size", `leaf ${index} cannot be in a tree of ${size} leaves`);
  if ([leafHash2, root, ...hashes].some((hash3) => hash3.length !== hashSizeBytes))
    return reject("hash_length", "a hash is not 32 bytes long");
  let fn = index;
  let sn = size - 1n;
  let r = leafHash2;
  for (const p of hashes) {
    if (sn === 0n) return reject("proof_length", "the proof has more hashes than the way to the root");
    if ((fn & 1n) === 1n || fn === sn) {
      r = nodeHash(p, r);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      r = nodeHash(r, p);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  if (sn !== 0n) return reject("proof_length", "the proof has fewer hashes than the way to the root");
  if (!sameHash(r, root))
    return reject("root_differs", "leaf and proof lead to another root than the one expected");
  return { verdict: "verified" };
}

// src/proof/json-object.ts
var depthLimit = 32;
var token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;
function parseJsonObject(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return reject("json_malformed", "the file is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return reject("shape_wrong", "the file is JSON, but not an object");
  const fault = findFault(text);
  return fault === void 0 ? { object: value } : reject("json_malformed", fault);
}
function findFault(text) {
  const open = [];
  let last = "";
  for (const [found] of text.matchAll(token)) {
    if (found === "{" || found === "[") {
      if (open.push(found === "{" ? /* @__PURE__ */ new Set() : void 0) > depthLimit)
        return `the file is nested deeper than ${depthLimit} levels`;
    } else if (found === "}" || found === "]") {
      open.pop();
    } else if (found === ":") {
      const name = JSON.parse(last);
      const names = open.at(-1);
      if (names?.has(name)) return `the member "${printable(name, 40)}" is given twice`;
      names?.add(name);
    }
    last = found;
  }
  return void 0;
}
function sizeOf(value) {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : void 0;
  if (typeof value !== "string" || !/^(?:0|[1-9][0-9]{0,19})$/.test(value)) return void 0;
  return BigInt(value) < 2n ** 64n ? BigInt(value) : void 0;
}

// src/proof/proof-file.ts
function parseInclusionFile(text) {
  const json = parseJsonObject(text);
  return "verdict" in json ? json : inclusionOf(json.object);
}
function inclusionOf(object) {
  const parts = partsOf(object, "borgen-inclusion-1", ["index", "size"]);
  if ("verdict" in parts) return parts;
  const { sizes, hashes } = parts;
  return { verdict: "verified", index: sizes[0], size: sizes[1], hashes };
}
function parseConsistencyFile(text) {
  const json = parseJsonObject(text);
  if ("verdict" in json) return json;
  const parts = partsOf(json.object, "borgen-consistency-1", ["from", "to"]);
  if ("verdict" in parts) return parts;
  const { sizes, hashes } = parts;
  return { verdict: "verified", from: sizes[0], to: sizes[1], hashes };
}
function partsOf(object, format2, names) {
  if (object.format !== format2)
    return reject("format_unknown", `"format" is ${shown(object.format)}, expected was "${format2}"`);
  const known2 = ["format", "hashes", ...names];
  for (const name of Object.keys(object))
    if (!known2.includes(name))
      return reject("shape_wrong", `"${printable(name, 40)}" is no member of ${format2}`);
  const sizes = [];
  for (const name of names) {
    const size = sizeOf(object[name]);
    if (size === void 0)
      return reject(
        "shape_wrong",
        `"${name}" is ${shown(object[name])}, neither an integer nor a decimal string`
      );
    sizes.push(size);
  }
  const hashes = hashesOf(object.hashes);
  return "verdict" in hashes ? hashes : { sizes, hashes };
}
function hashesOf(value) {
  if (!Array.isArray(value)) return reject("shape_wrong", '"hashes" is not a list');
  const hashes = [];
  for (const [i, item] of value.entries()) {
    const hash3 = typeof item === "string" ? fromHex(item, hashSizeBytes) : void 0;
    if (hash3 === void 0)
      return reject("hash_length", `hash ${i} of the proof is ${shown(item)}, not 64 lower-case hex digits`);
    hashes.push(hash3);
  }
  return hashes;
}
function shown(value) {
  return value === void 0 ? "missing" : printable(JSON.stringify(value), 80);
}

// src/entry/entry-file.ts
var format = "borgen-event-1";
var strings = ["origin", "leaf", "checkpoint"];
var members2 = ["format", "index", "salt", "event", "proof", ...strings];
function parseEntryFile(text) {
  const json = parseJsonObject(text);
  if ("verdict" in json) return json;
  const { object } = json;
  const wrong = wrongShape(object);
  if (wrong) return wrong;
  const proof = inclusionOf(object.proof);
  if (proof.verdict !== "verified") return proof;
  const content = contentOf(object.salt, object.event);
  if (content && "verdict" in content) return content;
  const { origin, leaf, checkpoint } = object;
  return {
    verdict: "verified",
    origin,
    index: sizeOf(object.index),
    leaf,
    proof,
    checkpoint,
    content
  };
}
function wrongShape(object) {
  if (object.format !== format) return reject("format_unknown", `"format" is not "${format}"`);
  for (const name of members2)
    if (!Object.hasOwn(object, name)) return reject("shape_wrong", `"${name}" is missing`);
  for (const name of Object.keys(object))
    if (!members2.includes(name))
      return reject("shape_wrong", `"${printable(name, 40)}" is no member of ${format}`);
  for (const name of strings)
    if (!isText(object[name]))
      return reject("shape_wrong", `"${name}" is not a string of well-formed Unicode`);
  if (sizeOf(object.index) === void 0)
    return reject("shape_wrong", '"index" is neither an integer from 0 to 2^53-1 nor a decimal string');
  const { proof } = object;
  if (typeof proof !== "object" || proof === null || Array.isArray(proof))
    return reject("shape_wrong", '"proof" is not an object');
  return void 0;
}
function contentOf(salt, event) {
  if (salt === null && event === null) return void 0;
  const bytes = typeof salt === "string" ? fromHex(salt, 32) : void 0;
  if (bytes === void 0)
    return reject(
      "shape_wrong",
      '"salt" is not 64 lower-case hex digits (only both of salt and event may be null)'
    );
  if (!isText(event))
    return reject(
      "shape_wrong",
      '"event" is not a string of well-formed Unicode (only both of salt and event may be null)'
    );
  return { salt: bytes, event };
}
function isText(value) {
  return typeof value === "string" && value.isWellFormed();
}

// src/entry/entry.ts
function verifyEntry({ text, key, origin }) {
  const file2 = parseEntryFile(text);
  if (file2.verdict !== "verified") return { ...file2, step: 0 };
  const signed = verifyCheckpoint({ checkpoint: Buffer.from(file2.checkpoint), key, origin });
  if (signed.verdict === "rejected") return { ...signed, step: 1 };
  const rest = judge2(file2, signed);
  if (rest.verdict === "verified" && signed.verdict === "undecided") return { ...signed, step: 1 };
  return rest;
}
function judge2(file2, signed) {
  const checkpoint = signed.verdict === "verified" ? signed.checkpoint : signed.stated;
  if (checkpoint === void 0)
    return { ...reject("checkpoint_malformed", "the checkpoint says nothing"), step: 1 };
  if (checkpoint.origin !== file2.origin)
    return { ...reject("origin_differs", "the checkpoint is of another origin than the file"), step: 1 };
  const { proof } = file2;
  if (proof.index !== file2.index)
    return {
      ...reject("index_differs", `the proof is for leaf ${proof.index}, the file for ${file2.index}`),
      step: 2
    };
  if (proof.size !== checkpoint.size)
    return {
      ...reject(
        "size_differs",
        `the proof is for ${proof.size} leaves, the checkpoint for ${checkpoint.size}`
      ),
      step: 2
    };
  const leaf = parseLeaf(Buffer.from(file2.leaf));
  if (typeof leaf === "string") return { ...reject("leaf_malformed", leaf), step: 3 };
  const included = verifyInclusion({
    ...proof,
    leafHash: leafHash(Buffer.from(file2.leaf)),
    root: checkpoint.root
  });
  if (included.verdict !== "verified") return { ...included, step: 4 };
  const place = { verdict: "verified", index: file2.index, size: proof.size, leaf };
  if (file2.content === void 0) return { ...place, content: "erased" };
  const { salt, event } = file2.content;
  if (sha256(Buffer.concat([salt, Buffer.from(event)])).toString("hex") !== leaf.c)
    return { ...reject("commitment_differs", "salt and event are not what the leaf committed to"), step: 5 };
  return { ...place, content: "shown", event };
}

// src/log/verify-log.ts
import { setImmediate, setTimeout } from "node:timers/promises";

// src/merkle/frontier.ts
function growFrontier(frontier, root) {
  let carried = root;
  let height = 0;
  for (let left = frontier[height]; left; left = frontier[height]) {
    carried = nodeHash(left, carried);
    frontier[height++] = void 0;
  }
  frontier[height] = carried;
}
function peaksOfFrontier(frontier) {
  return frontier.filter((peak) => peak !== void 0).reverse();
}

// src/merkle/root.ts
function peaksOf(hashes) {
  const peaks = [];
  let start = 0;
  for (let size = 2 ** Math.floor(Math.log2(hashes.length || 1)); size >= 1; size /= 2) {
    if (hashes.length - start < size) continue;
    peaks.push(rootInPlace(Buffer.concat(hashes.slice(start, start + size))));
    start += size;
  }
  return peaks;
}
function rootOfPeaks(peaks) {
  return peaks.length === 0 ? emptyRoot : peaks.reduceRight((right, left) => nodeHash(left, right));
}

// src/log/checkpoints.ts
function compareCheckpoints(given, key, origin, witnesses, findings) {
  const waiting = [];
  const cosigned = [];
  for (const { name, bytes } of given) {
    const verdict = verifyCheckpoint({ checkpoint: bytes, key, origin, witnesses });
    const { code, message } = verdict.verdict === "verified" ? {} : verdict;
    if (code !== void 0 && message !== void 0)
      findings.add({
        severity: verdict.verdict === "undecided" ? "undecided" : "damage",
        code,
        file: name,
        message
      });
    if (verdict.verdict !== "verified" || verdict.checkpoint.size === 0n) continue;
    waiting.push({ name, stated: verdict.checkpoint, cosignatures: verdict.cosignatures });
  }
  waiting.sort((a, b) => Number(a.stated.size - b.stated.size));
  const frontier = [];
  let leaves = 0;
  let lost = false;
  function judge3({ name, stated, cosignatures }, root) {
    if (sameHash(root, stated.root)) {
      const { size } = stated;
      for (const { witness, timeSeconds } of cosignatures)
        cosigned.push({ witness, size, timeSeconds, file: name });
      return;
    }
    findings.add({
      severity: "damage",
      code: "checkpoint_inconsistent",
      file: name,
      found: root.toString("hex"),
      expected: stated.root.toString("hex"),
      message: `the first ${stated.size} leaves of this log are not those that this checkpoint signed: history was rewritten`
    });
  }
  function skip(name) {
    findings.add({
      severity: "undecided",
      code: "not_computed",
      file: name,
      message: "not compared: damage leaves the root of its size unknown"
    });
  }
  return {
    cosigned,
    onLeaves(count, row, root) {
      const end = BigInt(leaves + count);
      for (let next = waiting[0]; next && next.stated.size <= end; next = waiting[0]) {
        waiting.shift();
        const peaks = row && peaksOf(row().slice(0, Number(next.stated.size) - leaves));
        if (lost || peaks === void 0) skip(next.name);
        else judge3(next, rootOfPeaks([...peaksOfFrontier(frontier), ...peaks]));
      }
      if (root) growFrontier(frontier, root);
      else lost = true;
      leaves += count;
    },
    finish(size) {
      for (const { name, stated } of waiting)
        if (stated.size <= BigInt(size)) skip(name);
        else
          findings.add({
            severity: "damage",
            code: "checkpoint_ahead",
            file: name,
            found: `${size} leaves`,
            expected: `at least ${stated.size} leaves`,
            message: "this checkpoint covers more than the log has: the log was cut short, or this copy of it is older"
          });
    }
  };
}

// src/log/cosigned.ts
import fs from "node:fs";
import path from "node:path";
var storedLimit = 64;
function storedCosigned(tree) {
  const folder = path.join(tree, "..", "witnessed");
  try {
    return fs.readdirSync(folder).filter((name) => name.endsWith(".checkpoint")).slice(0, storedLimit).flatMap((name) => {
      const file2 = path.join(folder, name);
      const isRead = fs.statSync(file2).size <= noteLimitBytes;
      return isRead ? [{ name: `witnessed/${name}`, bytes: fs.readFileSync(file2) }] : [];
    });
  } catch {
    return [];
  }
}
function newestOfEach(all) {
  const newest = /* @__PURE__ */ new Map();
  for (const one of all) {
    const before = newest.get(one.witness);
    if (!before || one.size > before.size || one.size === before.size && one.timeSeconds > before.timeSeconds)
      newest.set(one.witness, one);
  }
  return [...newest.values()];
}
function reportUnwitnessed(cosigned, witnesses, findings) {
  for (const text of witnesses) {
    const key = parseVerifierKey(text, witnessKeyType);
    if (key.verdict !== "verified" || cosigned.some(({ witness }) => witness === key.name)) continue;
    findings.add({
      severity: "undecided",
      code: "cosignature_missing",
      file: "",
      expected: `a checkpoint of this log that ${key.name} cosigned`,
      message: "no word of this witness agrees with this log: nothing outside says that it is whole and the newest"
    });
  }
}

// src/log/findings.ts
var LimitReached = class extends Error {
};
var sameKindLimit = 8;
function collectFindings(limit) {
  const list = [];
  const damaged = /* @__PURE__ */ new Set();
  const seen = /* @__PURE__ */ new Map();
  return {
    list,
    isDamaged: (file2) => damaged.has(file2),
    add(finding) {
      const kind = `${finding.code} ${finding.file}`;
      const count = (seen.get(kind)?.count ?? 0) + 1;
      if (count > 1 && finding.offset === void 0 && finding.index === void 0) return;
      if (count > sameKindLimit) {
        const { last } = seen.get(kind);
        last.more = (last.more ?? 0) + 1;
        return;
      }
      seen.set(kind, { count, last: finding });
      list.push(finding);
      if (finding.severity !== "remark") damaged.add(finding.file);
      if (list.length >= limit) throw new LimitReached();
    }
  };
}
function firstDifference(a, b) {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) if (a[i] !== b[i]) return i;
  return end;
}
function aloneAndWrong(file2) {
  const message = "this does not lead to the hash above, and what could tell where it goes wrong is damaged or missing";
  return { severity: "damage", code: "subtree_differs", file: file2, message };
}

// src/log/size-by-files.ts
import fs2 from "node:fs";
import path2 from "node:path";

// src/log/layout.ts
var tileWidth = 256;
function tilePath({ level, number, width }) {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g);
  const path5 = groups.map((group, i) => i < groups.length - 1 ? `x${group}` : group).join("/");
  return `tile/${level}/${path5}${width < tileWidth ? `.p/${width}` : ""}`;
}
function parseTilePath(path5) {
  const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path5);
  if (match === null) return void 0;
  const [, level, groups, width] = match;
  const tile = {
    level: level === "entries" ? "entries" : Number(level),
    number: Number(groups.replaceAll(/[x/]/g, "")),
    width: width === void 0 ? tileWidth : Number(width)
  };
  const inRange = (tile.level === "entries" || tile.level < 64) && Number.isSafeInteger(tile.number);
  return inRange && tilePath(tile) === path5 ? tile : void 0;
}
function hashesOnLevel(level, size) {
  return Math.floor(size / tileWidth ** (level === "entries" ? 0 : level));
}
function edgeTiles(size) {
  const edge = [];
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / tileWidth)) {
    const width = hashes % tileWidth;
    if (width > 0) edge.unshift({ level, number: Math.floor(hashes / tileWidth), width });
  }
  return edge;
}

// src/log/size-by-files.ts
function sizeByFiles(tree, stated) {
  if (stated !== void 0 && lastFiles(stated).every((file2) => fs2.existsSync(path2.join(tree, file2))))
    return stated;
  return Math.max(lastLeaf(tree, "entries"), lastLeaf(tree, "0"));
}
function lastFiles(size) {
  const last = edgeTiles(size).at(-1);
  if (last === void 0) return [];
  const { number } = last.level === 0 ? last : { number: Math.floor((size - 1) / tileWidth) };
  const width = last.level === 0 ? last.width : tileWidth;
  return [tilePath({ level: "entries", number, width }), tilePath({ level: 0, number, width })];
}
function lastLeaf(tree, level) {
  let last = 0;
  const visit = (below) => {
    for (const name of namesIn(path2.join(tree, ...below.split("/")))) {
      const file2 = `${below}/${name}`;
      const tile = parseTilePath(file2);
      if (tile) last = Math.max(last, tile.number * tileWidth + tile.width);
      else if (/^(x[0-9]{3}|[0-9]{3}\.p)$/.test(name)) visit(file2);
    }
  };
  visit(`tile/${level}`);
  return last;
}
function namesIn(folder) {
  try {
    return fs2.readdirSync(folder);
  } catch {
    return [];
  }
}

// src/log/tree-folder.ts
import fs4 from "node:fs";
import path3 from "node:path";

// src/log/read-file.ts
import fs3 from "node:fs";
var flags = fs3.constants.O_RDONLY | (fs3.constants.O_NOFOLLOW ?? 0) | (fs3.constants.O_NONBLOCK ?? 0);
function readFile(path5, limitBytes2, into) {
  let file2;
  try {
    file2 = fs3.openSync(path5, flags);
    const stat = fs3.fstatSync(file2);
    if (!stat.isFile()) return { kind: "not_a_file" };
    if (stat.size > limitBytes2) return { kind: "too_long", sizeBytes: stat.size };
    return { kind: "read", bytes: readAll(file2, into?.subarray(0, stat.size) ?? Buffer.alloc(stat.size)) };
  } catch (error) {
    const code = error.code ?? "unknown error";
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "missing" };
    if (code === "ELOOP" || code === "EISDIR" || code === "ENXIO") return { kind: "not_a_file" };
    return { kind: "unreadable", reason: code };
  } finally {
    if (file2 !== void 0) fs3.closeSync(file2);
  }
}
function readAll(file2, bytes) {
  let done = 0;
  while (done < bytes.length) {
    const count = fs3.readSync(file2, bytes, done, bytes.length - done, done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

// src/log/tree-folder.ts
var bundleLimitBytes = tileWidth * (2 + 512);
function findTree(folder) {
  const has = (at, name) => fs4.existsSync(path3.join(at, name));
  const isTree = (at) => has(at, "tile") || has(at, "checkpoint") || has(at, "vkey");
  const parents = path3.basename(path3.resolve(folder)) === "tile" ? [path3.dirname(path3.resolve(folder))] : [];
  return [folder, path3.join(folder, "tree"), path3.join(folder, "ledger", "tree"), ...parents].find(isTree);
}
function readTreeFile(tree, file2, limitBytes2, into) {
  return readFile(path3.join(tree, ...file2.split("/")), limitBytes2, into);
}
function readTile(tree, tile, findings) {
  const limitBytes2 = tile.level === "entries" ? bundleLimitBytes : tileWidth * 32;
  for (const width of widthsToTry(tree, tile)) {
    const file3 = tilePath({ ...tile, width });
    const read = readTreeFile(tree, file3, limitBytes2);
    if (read.kind === "read") return { file: file3, width, bytes: read.bytes };
    if (read.kind === "missing") continue;
    reportUnreadable(file3, read, limitBytes2, findings);
    return void 0;
  }
  const file2 = tilePath(tile);
  findings.add({ severity: "damage", code: "file_missing", file: file2, message: "the tree needs this file" });
  return void 0;
}
function reportUnreadable(file2, read, limitBytes2, findings) {
  if (read.kind === "too_long")
    findings.add({
      severity: "damage",
      code: "file_length",
      file: file2,
      found: `${read.sizeBytes} bytes`,
      expected: `at most ${limitBytes2} bytes`,
      message: "the file is too long to be what its name says"
    });
  if (read.kind === "not_a_file")
    findings.add({ severity: "damage", code: "file_unknown", file: file2, message: "this is not a regular file" });
  if (read.kind === "unreadable")
    findings.add({
      severity: "undecided",
      code: "file_unreadable",
      file: file2,
      message: `the file cannot be read (${read.reason}); run as somebody who may read it`
    });
}
function* widthsToTry(tree, tile) {
  yield tile.width;
  if (tile.width === tileWidth) return;
  yield* widerPartials(tree, tile);
  yield tileWidth;
}
function widerPartials(tree, tile) {
  const folder = path3.dirname(path3.join(tree, ...tilePath(tile).split("/")));
  try {
    return fs4.readdirSync(folder).filter((name) => /^[1-9][0-9]{0,2}$/.test(name)).map(Number).filter((width) => width > tile.width && width < tileWidth).sort((a, b) => a - b);
  } catch {
    return [];
  }
}

// src/log/newest-checkpoint.ts
function checkpointBytes(tree) {
  const read = readTreeFile(tree, "checkpoint", noteLimitBytes);
  return read.kind === "read" ? read.bytes : Buffer.alloc(0);
}
function readNewest(tree, key, origin, findings) {
  const file2 = "checkpoint";
  const read = readTreeFile(tree, file2, noteLimitBytes);
  reportUnreadable(file2, read, noteLimitBytes, findings);
  if (read.kind === "missing")
    findings.add({ severity: "damage", code: "file_missing", file: file2, message: "a log has a signed checkpoint" });
  if (read.kind !== "read") return void 0;
  const verdict = verifyCheckpoint({ checkpoint: read.bytes, key, origin });
  if (verdict.verdict === "rejected")
    findings.add({ severity: "damage", code: verdict.code, file: file2, message: verdict.message });
  if (verdict.verdict === "verified" && verdict.checkpoint.size > Number.MAX_SAFE_INTEGER)
    findings.add({
      severity: "damage",
      code: "checkpoint_malformed",
      file: file2,
      found: String(verdict.checkpoint.size),
      expected: "at most 2^53-1",
      message: "no log is that long"
    });
  return verdict;
}
function sizeToWalk(tree, checkpoint, authentic) {
  const stated = checkpoint && checkpoint.size <= Number.MAX_SAFE_INTEGER ? Number(checkpoint.size) : void 0;
  return authentic && stated !== void 0 ? stated : sizeByFiles(tree, stated);
}

// src/log/strangers.ts
import fs5 from "node:fs";
import path4 from "node:path";

// src/log/bundle.ts
function parseBundle(bytes, count, exact) {
  const entries = [];
  let offset = 0;
  while (entries.length < count) {
    const broken = breakAt(bytes, offset, entries.length, count);
    if (broken !== void 0) return { entries, end: offset, broken: { offset, why: broken } };
    const end = offset + 2 + bytes.readUInt16BE(offset);
    const leaf = bytes.subarray(offset + 2, end);
    const parsed = parseLeaf(leaf);
    entries.push({ offset, hash: leafHash(leaf), fault: typeof parsed === "string" ? parsed : void 0 });
    offset = end;
  }
  if (exact && offset !== bytes.length)
    return {
      entries,
      end: offset,
      broken: { offset, why: `${bytes.length - offset} more bytes follow the last entry` }
    };
  return { entries, end: offset, broken: void 0 };
}
function breakAt(bytes, offset, entry, count) {
  const left = bytes.length - offset;
  if (left === 0) return `the bundle ends after ${entry} of ${count} entries`;
  if (left < 2) return "the bundle ends inside the length of an entry";
  const length = bytes.readUInt16BE(offset);
  if (length > leafLimitBytes)
    return `an entry says it is ${length} bytes long; at most ${leafLimitBytes} are allowed`;
  if (length > left - 2)
    return `an entry says it is ${length} bytes long, but the file has only ${left - 2} more`;
  return void 0;
}

// src/log/strangers.ts
var known = /* @__PURE__ */ new Set(["checkpoint", "vkey"]);
var privateFolders = /* @__PURE__ */ new Set(["journal"]);
function inspectStrangers(tree, size, findings) {
  for (const { file: file2, isFile } of filesBelow(tree, "", findings)) {
    if (isFile && known.has(file2)) continue;
    const tile = isFile ? parseTilePath(file2) : void 0;
    if (tile) inspectTile(tree, size, file2, tile, findings);
    else
      findings.add({
        severity: "damage",
        code: "file_unknown",
        file: file2,
        message: isFile ? "no file of this name belongs to a log" : "this is neither a regular file nor a folder"
      });
  }
}
function* filesBelow(tree, below, findings) {
  let folder;
  try {
    folder = fs5.opendirSync(path4.join(tree, ...below.split("/")));
  } catch (error) {
    const reason = error.code ?? "unknown error";
    const message = `the folder cannot be read (${reason}); run as somebody who may read it`;
    findings.add({ severity: "undecided", code: "file_unreadable", file: below, message });
    return;
  }
  try {
    for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
      const file2 = below === "" ? entry.name : `${below}/${entry.name}`;
      if (!entry.isDirectory()) yield { file: file2, isFile: entry.isFile() };
      else if (!privateFolders.has(file2)) yield* filesBelow(tree, file2, findings);
    }
  } finally {
    folder.closeSync();
  }
}
function inspectTile(tree, size, file2, tile, findings) {
  const { level, number, width } = tile;
  const needed = Math.min(tileWidth, hashesOnLevel(level, size) - number * tileWidth);
  if (width === needed) return;
  if (needed > 0) comparePartial(tree, file2, tile, needed, findings);
  if (width > needed)
    findings.add({
      severity: "remark",
      code: "beyond_size",
      file: file2,
      message: `this lies beyond the ${size} leaves of the checkpoint: the log has grown since, or somebody put it there`
    });
}
function comparePartial(tree, file2, tile, needed, findings) {
  const neededFile = tilePath({ ...tile, width: needed });
  const read = readTreeFile(tree, file2, bundleLimitBytes);
  reportUnreadable(file2, read, bundleLimitBytes, findings);
  const whole = readTreeFile(tree, neededFile, bundleLimitBytes);
  if (read.kind !== "read" || whole.kind === "missing") return;
  const bytes = ownPart(read.bytes, tile);
  const shared = Math.min(tile.width, needed);
  const ours = bytes && firstOf(bytes, tile, shared);
  const theirs = whole.kind === "read" ? firstOf(whole.bytes, tile, shared) : void 0;
  if (ours === void 0)
    findings.add({
      severity: "damage",
      code: tile.level === "entries" ? "bundle_malformed" : "file_length",
      file: file2,
      message: `this partial tile does not hold exactly the ${tile.width} that its name says`
    });
  else if (theirs !== void 0 && !ours.equals(theirs) && !findings.isDamaged(neededFile))
    findings.add({
      severity: "damage",
      code: "partial_differs",
      file: file2,
      offset: firstDifference(ours, theirs),
      message: `this is not the beginning of ${neededFile}, which agrees with the tree`
    });
  else if (theirs === void 0 || !ours.equals(theirs))
    findings.add({
      severity: "remark",
      code: "partial_differs",
      file: file2,
      message: `this cannot be compared with ${neededFile}, which is damaged`
    });
}
function ownPart(bytes, tile) {
  if (tile.level !== "entries") return bytes.length === tile.width * hashSizeBytes ? bytes : void 0;
  return parseBundle(bytes, tile.width, true).broken === void 0 ? bytes : void 0;
}
function firstOf(bytes, tile, count) {
  if (tile.level !== "entries")
    return bytes.length >= count * hashSizeBytes ? bytes.subarray(0, count * hashSizeBytes) : void 0;
  const { broken, end } = parseBundle(bytes, count, false);
  return broken === void 0 ? bytes.subarray(0, end) : void 0;
}

// src/log/vkey-file.ts
var file = "vkey";
var limitBytes = 4096;
function readVerifierKey(tree, given, findings) {
  const read = readTreeFile(tree, file, limitBytes);
  reportUnreadable(file, read, limitBytes, findings);
  const own = read.kind === "read" ? parseFile(read.bytes) : void 0;
  if (own && "verdict" in own)
    findings.add({ severity: "damage", code: own.code, file, message: own.message });
  const usable = own && "text" in own ? own.text : void 0;
  if (given !== void 0) {
    compare(given, read.kind === "missing", usable, findings);
    return { key: given, keyFrom: "caller" };
  }
  if (usable === void 0) {
    if (read.kind === "missing")
      findings.add({
        severity: "damage",
        code: "file_missing",
        file,
        message: "a log has its public key in this file"
      });
    const message2 = "no key was given and the folder has none that can be used: signatures cannot be checked";
    findings.add({ severity: "undecided", code: "no_key", file, message: message2 });
    return { key: void 0, keyFrom: "nowhere" };
  }
  const message = "the key was read from the folder itself: that proves only that the folder agrees with itself";
  findings.add({ severity: "remark", code: "key_from_folder", file, message });
  return { key: usable, keyFrom: "folder" };
}
function parseFile(bytes) {
  const text = fromUtf8(bytes);
  if (text === void 0 || !text.endsWith("\n"))
    return reject("key_malformed", "the file is not one line of UTF-8");
  const key = parseVerifierKey(text.slice(0, -1));
  return key.verdict === "verified" ? { text: text.slice(0, -1) } : key;
}
function compare(given, missing, own, findings) {
  if (missing)
    findings.add({
      severity: "remark",
      code: "vkey_missing",
      file,
      message: "the folder has no copy of the log’s public key; the given one was used"
    });
  if (own !== void 0 && own !== given)
    findings.add({
      severity: "damage",
      code: "vkey_differs",
      file,
      found: own,
      expected: given,
      message: "the folder’s copy of the public key is not the trusted one"
    });
}

// src/log/settle.ts
var mixLimit = 8;
var nothing = () => {
};
function settle(cells, above, settling) {
  const disputed = cells.filter(isDisputed);
  const open = [];
  for (const choice of choices(disputed)) {
    const row = rowOf(cells, choice);
    if (row === void 0) break;
    const root = settling.rootOf(row);
    const accept = () => {
      for (const cell of disputed) decide(cell, choice(cell));
    };
    if (above.hash && sameHash(root, above.hash)) {
      accept();
      return { ...certain(root), row };
    }
    if (open.length < 3) open.push({ hash: root, accept, row });
  }
  const giveUp = disputed.length === 0 ? nothing : () => disputed.forEach(leaveOpen);
  if (above.authentic && above.hash) {
    const alone = cells.filter(({ stored, below }) => !stored !== (below.sources.length === 0));
    if (disputed.length > 0) giveUp();
    else if (alone.length > 0) for (const cell of alone) cell.blame.alone();
    else if (open[0]) settling.wholeDiffers(open[0].hash);
    return { ...certain(above.hash), row: void 0 };
  }
  if (open.length === 0 || disputed.length > 0 && settling.open.left-- <= 0) {
    giveUp();
    return { sources: [], giveUp: nothing, row: void 0 };
  }
  const sources = open.length > 1 ? [...open.slice(1), open[0]] : open;
  return { sources, giveUp, row: disputed.length === 0 ? open[0].row : void 0 };
}
function certain(hash3) {
  return { sources: [{ hash: hash3, accept: nothing }], giveUp: nothing };
}
function isDisputed({ stored, below: { sources } }) {
  const [first] = sources;
  return sources.length > 1 || stored !== void 0 && first !== void 0 && !sameHash(stored, first.hash);
}
var fromTile = ({ stored, below }) => stored ? { hash: stored, accept: nothing } : below.sources[0];
var fromEntries = (cell) => cell.below.sources[0] ?? fromTile(cell);
var fromTilesBelow = (cell) => cell.below.sources.at(-1) ?? fromTile(cell);
function* choices(disputed) {
  yield fromTile;
  if (disputed.length === 0) return;
  yield fromEntries;
  if (disputed.some((cell) => cell.below.sources.length > 1)) yield fromTilesBelow;
  if (disputed.length > mixLimit) return;
  for (let mix = 1; mix < 2 ** disputed.length - 1; mix++)
    yield (cell) => (mix >> disputed.indexOf(cell) & 1 ? fromTile : fromEntries)(cell);
}
function rowOf(cells, choice) {
  const row = [];
  for (const cell of cells) {
    const source = choice(cell);
    if (source === void 0) return void 0;
    row.push(source.hash);
  }
  return row;
}
function decide(cell, right) {
  const { stored, below, blame } = cell;
  const [only, ...others] = below.sources;
  if (stored === void 0 || !sameHash(stored, right.hash)) {
    right.accept();
    if (stored !== void 0) blame.tile(right.hash);
  } else if (only !== void 0 && others.length === 0) {
    if (!sameHash(only.hash, stored)) blame.below(only.hash, stored);
  } else {
    below.giveUp();
  }
}
function leaveOpen({ stored, below, blame }) {
  below.giveUp();
  if (stored !== void 0 && below.sources[0]) blame.both(below.sources[0].hash);
}

// src/log/leaves.ts
function readLeafCells(tree, number, tile, findings) {
  const count = tile.hashes.length;
  const read = readTile(tree, { level: "entries", number, width: count }, findings);
  const bundle = read && parseBundle(read.bytes, count, read.width === count);
  const sound = bundle ? soundEntries(bundle, tile) : 0;
  if (read && bundle?.broken) reportBroken(read.file, bundle, sound, number, findings);
  const onlyTile = {
    tile() {
    },
    below() {
    },
    both() {
    },
    alone: () => findings.add(aloneAndWrong(tile.file))
  };
  return tile.hashes.map((stored, i) => {
    const entry = i < sound ? bundle?.entries[i] : void 0;
    const index = number * tileWidth + i;
    if (read === void 0 || entry === void 0) return { stored, below: unknown, blame: onlyTile };
    const place = { file: read.file, offset: entry.offset, index };
    if (entry.fault !== void 0 && (stored === void 0 || sameHash(stored, entry.hash)))
      findings.add({ severity: "damage", code: "entry_malformed", ...place, message: entry.fault });
    return { stored, below: certain(entry.hash), blame: blameLeaf(place, entry, tile, i, findings) };
  });
}
function soundEntries(bundle, tile) {
  if (bundle.broken === void 0) return bundle.entries.length;
  const wrong = bundle.entries.findIndex((entry, i) => {
    const stored = tile.hashes[i];
    return stored ? !sameHash(stored, entry.hash) : entry.fault !== void 0;
  });
  return wrong < 0 ? bundle.entries.length : wrong;
}
function reportBroken(file2, bundle, sound, number, findings) {
  const { offset, why } = bundle.broken;
  const first = bundle.entries[sound];
  const index = number * tileWidth + sound;
  const place = { file: file2, offset: first?.offset ?? offset, ...sound < tileWidth && { index } };
  const message = first ? `this entry is not the one in the tree, and what follows is out of step: ${why}` : why;
  findings.add({ severity: "damage", code: "bundle_malformed", ...place, message });
}
function blameLeaf(place, entry, tile, i, findings) {
  const found = entry.hash.toString("hex");
  const because = entry.fault === void 0 ? "" : `; ${entry.fault}`;
  return {
    below: (_, expected) => findings.add({
      severity: "damage",
      code: "entry_differs",
      ...place,
      found: `leaf hash ${found}`,
      expected: `leaf hash ${expected.toString("hex")}`,
      message: `this entry is not the one in the tree${because}`
    }),
    tile: (expected) => {
      blameHash(tile, i, expected, findings);
      if (entry.fault !== void 0)
        findings.add({ severity: "damage", code: "entry_malformed", ...place, message: entry.fault });
    },
    alone: () => findings.add(aloneAndWrong(place.file)),
    both: () => {
      const message = "entry and tile disagree, and nothing above tells which of the two is damaged";
      const { index } = place;
      const stored = tile.hashes[i].toString("hex");
      findings.add({
        severity: "damage",
        code: "disagreement",
        ...place,
        found,
        expected: stored,
        message: message + because
      });
      const inTile = { file: tile.file, offset: i * 32, index, found: stored, expected: found };
      findings.add({ severity: "damage", code: "disagreement", ...inTile, message });
    }
  };
}
var unknown = { sources: [], giveUp() {
} };
function blameHash(tile, i, expected, findings) {
  const stored = tile.hashes[i];
  findings.add({
    severity: "damage",
    code: "hash_differs",
    file: tile.file,
    offset: i * 32 + firstDifference(stored, expected),
    found: stored.toString("hex"),
    expected: expected.toString("hex"),
    message: `hash ${i} of this tile is not the hash of what lies below it`
  });
}

// src/log/quick-tile.ts
import { hash as hash2 } from "node:crypto";
var tileSizeBytes = tileWidth * hashSizeBytes;
var bundleBytes = Buffer.alloc(bundleLimitBytes);
var storedHashes = Buffer.alloc(tileSizeBytes);
var entryHashes = Buffer.alloc(tileSizeBytes);
var leafInput = Buffer.alloc(1 + 512);
function quickTile(tree, number, root) {
  const bundle = tilePath({ level: "entries", number, width: tileWidth });
  const entries = readTreeFile(tree, bundle, bundleLimitBytes, bundleBytes);
  if (entries.kind !== "read" || !hashEntries(entries.bytes)) return void 0;
  const file2 = tilePath({ level: 0, number, width: tileWidth });
  const stored = readTreeFile(tree, file2, tileSizeBytes, storedHashes);
  if (stored.kind !== "read" || !sameHash(stored.bytes, entryHashes)) return void 0;
  if (!sameHash(rootInPlace(entryHashes), root)) return void 0;
  return () => {
    const hashes = Buffer.from(storedHashes);
    return Array.from(
      { length: tileWidth },
      (_, i) => hashes.subarray(i * hashSizeBytes, (i + 1) * hashSizeBytes)
    );
  };
}
function hashEntries(bytes) {
  let offset = 0;
  for (let i = 0; i < tileWidth; i++) {
    if (breakAt(bytes, offset, i, tileWidth) !== void 0) return false;
    const end = offset + 2 + bytes.readUInt16BE(offset);
    if (typeof parseLeaf(bytes.subarray(offset + 2, end)) === "string") return false;
    bytes.copy(leafInput, 1, offset + 2, end);
    const input = leafInput.subarray(0, 1 + end - offset - 2);
    entryHashes.write(hash2("sha256", input, "binary"), i * hashSizeBytes, "latin1");
    offset = end;
  }
  return offset === bytes.length;
}

// src/log/report-tree.ts
function reportRoot(findings, found, expected) {
  findings.add({
    severity: "damage",
    code: "root_differs",
    file: "checkpoint",
    found: found.toString("hex"),
    expected: expected.toString("hex"),
    message: "tiles and entries agree with each other, but not with the root that was signed"
  });
}
function reportDisagreement(findings, tile, i, below) {
  findings.add({
    severity: "damage",
    code: "disagreement",
    file: tile.file,
    offset: i * 32,
    found: tile.hashes[i].toString("hex"),
    expected: below.toString("hex"),
    message: `hash ${i} of this tile and what lies below it disagree, and nothing above tells which is damaged`
  });
}
function reportSubtree(findings, level, number, found, expected) {
  const span = tileWidth ** (level + 1);
  const first = number * span;
  const files = [tilePath({ level, number, width: tileWidth })];
  if (level === 0) files.push(tilePath({ level: "entries", number, width: tileWidth }));
  for (const file2 of files)
    findings.add({
      severity: "damage",
      code: "subtree_differs",
      file: file2,
      index: first,
      found: `root ${found.toString("hex")}`,
      expected: `root ${expected.toString("hex")}`,
      message: `tile and entries of the leaves ${first} to ${first + span - 1} agree, but are not those in the tree`
    });
}

// src/log/tile.ts
function readHashTile(tree, tile, findings) {
  const read = readTile(tree, tile, findings);
  const hashes = new Array(tile.width).fill(void 0);
  if (read === void 0) return { file: tilePath(tile), present: false, hashes };
  const expectedBytes = read.width * hashSizeBytes;
  if (read.bytes.length !== expectedBytes)
    findings.add({
      severity: "damage",
      code: "file_length",
      file: read.file,
      offset: Math.min(read.bytes.length, expectedBytes),
      found: `${read.bytes.length} bytes`,
      expected: `${expectedBytes} bytes`,
      message: read.bytes.length < expectedBytes ? "the tile is cut short" : "the tile is too long"
    });
  for (let i = 0; i < tile.width && (i + 1) * hashSizeBytes <= read.bytes.length; i++)
    hashes[i] = read.bytes.subarray(i * hashSizeBytes, (i + 1) * hashSizeBytes);
  return { file: read.file, present: true, hashes };
}

// src/log/walk.ts
var openLimit = 500;
async function walkTree(walk3) {
  const edge = edgeTiles(walk3.size).map((tile) => ({
    ...tile,
    stored: readHashTile(walk3.tree, tile, walk3.findings)
  }));
  const widths = edge.map((tile) => tile.width);
  const rootOf = (hashes) => rootOfRun(hashes, widths);
  const stored = edge.flatMap((tile) => tile.stored.hashes);
  const authentic = walk3.above.authentic && leadsTo(stored, rootOf, walk3.above.hash);
  const open = { left: openLimit };
  const cells = [];
  for (const tile of edge)
    cells.push(...await cellsOf(walk3, open, tile.level, tile.number, tile.stored, authentic));
  const wholeDiffers = (found) => reportRoot(walk3.findings, found, walk3.above.hash);
  const { sources, giveUp, row } = settle(cells, walk3.above, { rootOf, wholeDiffers, open });
  const [only, ...others] = sources;
  if (others.length === 0) only?.accept();
  else giveUp();
  const last = edge.at(-1);
  if (last?.level === 0) {
    walk3.onLeaves(last.width, row && (() => row.slice(-last.width)), void 0);
    await walk3.onProgress(walk3.size);
  }
  return others.length === 0 ? only?.hash : void 0;
}
function rootOfRun(hashes, widths) {
  let start = 0;
  return rootOfPeaks(
    widths.flatMap((width) => {
      start += width;
      return peaksOf(hashes.slice(start - width, start));
    })
  );
}
function leadsTo(hashes, rootOf, expected) {
  const whole = hashes.filter((hash3) => hash3 !== void 0);
  return expected !== void 0 && whole.length === hashes.length && sameHash(rootOf(whole), expected);
}
async function cellsOf(walk3, open, level, number, tile, authentic) {
  if (level === 0) return readLeafCells(walk3.tree, number, tile, walk3.findings);
  const cells = [];
  for (const [i, stored] of tile.hashes.entries()) {
    const child = number * tileWidth + i;
    const childTile = { level: level - 1, number: child, width: tileWidth };
    const above = { hash: stored, authentic: authentic && stored !== void 0 };
    const below = await visitFullTile(walk3, open, level - 1, child, above);
    const blame = {
      tile: (expected) => blameHash(tile, i, expected, walk3.findings),
      below: (found, expected) => reportSubtree(walk3.findings, level - 1, child, found, expected),
      both: (found) => reportDisagreement(walk3.findings, tile, i, found),
      alone: () => walk3.findings.add(aloneAndWrong(stored ? tile.file : tilePath(childTile)))
    };
    cells.push({ stored, below, blame });
  }
  return cells;
}
async function visitFullTile(walk3, open, level, number, above) {
  const quick = level === 0 && above.hash && quickTile(walk3.tree, number, above.hash);
  if (quick) {
    walk3.onLeaves(tileWidth, quick, above.hash);
    await walk3.onProgress((number + 1) * tileWidth);
    return { ...certain(above.hash), row: void 0 };
  }
  const rootOf = (hashes) => rootOfRun(hashes, [tileWidth]);
  const tile = readHashTile(walk3.tree, { level, number, width: tileWidth }, walk3.findings);
  const authentic = level > 0 && above.authentic && leadsTo(tile.hashes, rootOf, above.hash);
  const cells = await cellsOf(walk3, open, level, number, tile, authentic);
  const wholeDiffers = (found) => reportSubtree(walk3.findings, level, number, found, above.hash);
  const outcome = settle(cells, above, { rootOf, wholeDiffers, open });
  if (level === 0) {
    const { sources, row } = outcome;
    walk3.onLeaves(tileWidth, row && (() => row), sources.length === 1 ? sources[0].hash : void 0);
    await walk3.onProgress((number + 1) * tileWidth);
  }
  return outcome;
}

// src/log/verify-log.ts
var passLimit = 4;
var pauseMs = 250;
var leavesPerPause = 16384;
async function verifyLog(question) {
  const key = question.key === void 0 ? void 0 : parseVerifierKey(question.key);
  if (key?.verdict === "rejected") return { ...key, verdict: "undecided", findings: [] };
  for (const witness of question.witnesses ?? []) {
    const known2 = parseVerifierKey(witness, witnessKeyType);
    if (known2.verdict === "rejected") return { ...known2, verdict: "undecided", findings: [] };
  }
  const tree = findTree(question.folder);
  if (tree === void 0)
    return {
      verdict: "undecided",
      code: "no_log",
      message: "the folder does not exist, cannot be read, or holds neither checkpoint, vkey nor tile/",
      findings: []
    };
  let strangers = /* @__PURE__ */ new Set();
  for (let pass = 1; ; pass++) {
    const before = checkpointBytes(tree);
    const report = await checkOnce(tree, question);
    const worst = worstOf(report.findings);
    const moved = Buffer.compare(before, checkpointBytes(tree)) !== 0;
    const unknown2 = report.findings.filter((finding) => finding.code === "file_unknown").map(({ file: file2 }) => file2);
    const settled = !moved && unknown2.every((file2) => strangers.has(file2));
    if (worst === "verified" || settled || pass === passLimit) return { verdict: worst, ...report };
    strangers = new Set(unknown2);
    if (unknown2.length > 0) await setTimeout(pass * pauseMs);
  }
}
function worstOf(findings) {
  if (findings.some((finding) => finding.severity === "damage")) return "damaged";
  return findings.some((finding) => finding.severity === "undecided") ? "undecided" : "verified";
}
async function checkOnce(tree, question) {
  const findings = collectFindings(question.findingLimit ?? 100);
  const report = {
    tree,
    keyFrom: "nowhere",
    checkpoint: void 0,
    size: 0,
    cosigned: [],
    findings: findings.list
  };
  try {
    const { key, keyFrom } = readVerifierKey(tree, question.key, findings);
    report.keyFrom = keyFrom;
    const newest = readNewest(tree, key, question.origin, findings);
    const authentic = newest?.verdict === "verified";
    report.checkpoint = newest?.verdict === "verified" ? newest.checkpoint : newest?.stated;
    report.size = sizeToWalk(tree, report.checkpoint, authentic);
    await walk(report, authentic, { ...question, key }, findings);
    inspectStrangers(tree, report.size, findings);
    reportUnwitnessed(report.cosigned, question.witnesses ?? [], findings);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    const message = "there may be more: this is where the check stopped, at the limit of findings";
    findings.list.push({ severity: "undecided", code: "limit_reached", file: "", message });
  }
  return report;
}
async function walk(report, authentic, question, findings) {
  const { checkpoints = [], witnesses = [], key, origin, onProgress } = question;
  const all = witnesses.length === 0 ? checkpoints : [...checkpoints, ...storedCosigned(report.tree)];
  const earlier = compareCheckpoints(all, key, origin, witnesses, findings);
  const { tree, size, checkpoint, keyFrom } = report;
  const matches = checkpoint !== void 0 && checkpoint.size === BigInt(size);
  const root = await walkTree({
    tree,
    size,
    findings,
    above: { hash: matches ? checkpoint.root : void 0, authentic: authentic && matches },
    onLeaves: earlier.onLeaves,
    onProgress(leaves) {
      onProgress?.(leaves, size);
      return leaves % leavesPerPause === 0 ? setImmediate() : void 0;
    }
  });
  earlier.finish(size);
  report.cosigned = newestOfEach(earlier.cosigned);
  if (keyFrom === "nowhere" && matches && root && !sameHash(root, checkpoint.root))
    findings.add({
      severity: "damage",
      code: "root_differs",
      file: "checkpoint",
      found: root.toString("hex"),
      expected: checkpoint.root.toString("hex"),
      message: "tiles and entries agree with each other, but not with the root that the checkpoint states"
    });
}

// src/proof/consistency.ts
function verifyConsistency(proof) {
  const { from, to, fromRoot, toRoot, hashes } = proof;
  if (from <= 0n) return reject("size_zero", "from the empty tree nothing would be proved");
  if (from > to) return reject("size_order", `a tree of ${from} leaves is not the beginning of one of ${to}`);
  if (fromRoot.length === 0 || toRoot.length === 0) return reject("hash_length", "a root is empty");
  if (hashes.some((hash3) => hash3.length !== hashSizeBytes))
    return reject("hash_length", "a hash is not 32 bytes long");
  if (from === to) {
    if (hashes.length > 0) return reject("proof_length", "between trees of one size the proof has no hashes");
    return sameHash(fromRoot, toRoot) ? { verdict: "verified" } : reject("root_differs", "two trees of one size have different roots");
  }
  if (fromRoot.length !== hashSizeBytes || toRoot.length !== hashSizeBytes)
    return reject("hash_length", "a root is not 32 bytes long");
  if (hashes.length === 0) return reject("proof_length", "the proof has no hashes");
  return walk2(from, to, fromRoot, toRoot, hashes);
}
function walk2(from, to, fromRoot, toRoot, hashes) {
  const powerOfTwo = (from & from - 1n) === 0n;
  const [first, ...rest] = powerOfTwo ? [fromRoot, ...hashes] : hashes;
  let fn = from - 1n;
  let sn = to - 1n;
  while ((fn & 1n) === 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  let fr = first;
  let sr = first;
  for (const c2 of rest) {
    if (sn === 0n) return reject("proof_length", "the proof has more hashes than the way to the root");
    if ((fn & 1n) === 1n || fn === sn) {
      fr = nodeHash(c2, fr);
      sr = nodeHash(c2, sr);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      sr = nodeHash(sr, c2);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  if (sn !== 0n) return reject("proof_length", "the proof has fewer hashes than the way to the root");
  if (!sameHash(fr, fromRoot)) return reject("root_differs", "the proof leads to another earlier root");
  if (!sameHash(sr, toRoot)) return reject("root_differs", "the proof leads to another later root");
  return { verdict: "verified" };
}
export {
  codes,
  leafHash,
  nodeHash,
  parseConsistencyFile,
  parseInclusionFile,
  parseVerifierKey,
  verifyCheckpoint,
  verifyConsistency,
  verifyEntry,
  verifyInclusion,
  verifyLog
};
