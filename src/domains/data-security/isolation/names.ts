import type { Words } from '../../../pledges/pledge.ts'
import { same } from '../../../pledges/sentence.ts'

/** What the warden calls its attacks (warden/probes), and what they are called in Swedish. */
const IN_SWEDISH: Readonly<Record<string, string>> = {
  "another's file": 'en annans fil',
  "another's file, written": 'en annans fil, skriven till',
  "another's folder, created in": 'en annans mapp, skapat i',
  "another's file, by a link": 'en annans fil, genom en länk',
  "another's file, upwards": 'en annans fil, uppåt i trädet',
  "another's file, through a process's root": 'en annans fil, genom en process rot',
  "another's folder": 'en annans mapp',
  "another's application, by its socket": 'en annans applikation, genom dess socket',
  "another's database, by its socket": 'en annans databas, genom dess socket',
  'files and sockets of others in its own folders': 'andras filer och socketar i dess egna mappar',
  'names of others in what it is told': 'andras namn i det den får veta',
  'names of others among its own files': 'andras namn bland dess egna filer',
  'files of its own that lie elsewhere too': 'filer av dess egna som också ligger någon annanstans',
  'the folder of instances': 'instansernas mapp',
  'the data folder': 'datamappen',
  "the plane's root key": 'planets rotnyckel',
  "the plane's configuration": 'planets konfiguration',
  "the plane's secrets": 'planets hemligheter',
  'the keyring': 'nyckelringen',
  'the log': 'loggen',
  'the log, written': 'loggen, skriven till',
  "the warden's password key": 'väktarens lösenordsnyckel',
  "the warden's records": 'väktarens anteckningar',
  "the warden's socket": 'väktarens socket',
  "the warden's socket for probes": 'väktarens socket för prov',
  "the server's socket": 'serverns socket',
  "the ledger's socket": 'loggens socket',
  "the plane's database": 'planets databas',
  'an abstract socket': 'en abstrakt socket',
  'cloud metadata': 'molnets metadata',
  DNS: 'DNS',
  'another host': 'en annan värd',
  'addresses beside its own loopback': 'adresser utöver dess egen loopback',
  "the host's loopback": 'värdens loopback',
  "the host's loopback over IPv6": 'värdens loopback över IPv6',
  'shared memory of another': 'en annans delade minne',
  'processes of other users': 'andra användares processer',
  'a process of another, in the list': 'en annans process, i listan',
  signalled: 'signalerad',
  traced: 'spårad',
  'its memory': 'dess minne',
  'its environment': 'dess miljö',
  'its root folder': 'dess rotmapp',
  'its namespace': 'dess namnrymd',
  'by descriptor': 'genom deskriptor',
  'raw packets': 'råa paket',
  "another's key of the kernel": 'en annans nyckel i kärnan',
  'a key of the kernel, added': 'en nyckel i kärnan, tillagd',
  'a keyring of the kernel': 'en nyckelring i kärnan',
  'a setting of the kernel': 'en inställning i kärnan',
  'the emergency keys of the kernel': 'kärnans nödtangenter',
  "the kernel's messages": 'kärnans meddelanden',
  'the control groups': 'kontrollgrupperna',
  'devices beside the harmless ones': 'enheter utöver de ofarliga',
  "the host's name, changed": 'värdens namn, ändrat',
  'a mount': 'en montering',
  'a cloned mount': 'en klonad montering',
  'another root folder': 'en annan rotmapp',
  'a nested user namespace': 'en inre användarnamnrymd',
  'a nested user namespace, by clone': 'en inre användarnamnrymd, genom clone',
  'the line of a virtual machine to its host (vsock)': 'en virtuell maskins linje till sin värd (vsock)',
  io_uring: 'io_uring',
  'performance counters': 'prestandaräknare',
  'a process of its own, traced': 'en egen process, spårad',
  BPF: 'BPF',
  userfaultfd: 'userfaultfd',
  'another personality': 'en annan personlighet (personality)',
  'characters into a terminal': 'tecken in i en terminal',
  'a namespace shared with others': 'en namnrymd delad med andra',
  'a process in its sandboxes with powers, without the filter, or of another user':
    'en process i dess sandlådor med rättigheter, utan filtret eller med en annan användare',
  'a folder of it that is open to others': 'en mapp i den som är öppen för andra',
  "something of another's mounted into its sandboxes": 'något av en annans monterat i dess sandlådor',
  // whose process it was
  'a planted one': 'en planterad',
  'the warden': 'väktaren',
  'the supervisor': 'övervakaren',
  "another's application": 'en annans applikation',
  "another's database": 'en annans databas',
}

/** An attack's name in every language; one that has none in Swedish keeps its own. */
export function attackInWords(name: string): Words {
  const [, attack, whose, kind] = /^(.*?)(?:: (.*?))?(?: \((\w+)\))?$/.exec(name)!
  const whole = IN_SWEDISH[name]
  if (whole !== undefined) return { en: name, sv: whole }
  const sv = IN_SWEDISH[attack!]
  if (sv === undefined) return same(name)
  const of = whose === undefined ? '' : `: ${IN_SWEDISH[whose] ?? whose}`
  return { en: name, sv: `${sv}${of}${kind === undefined ? '' : ` (${kind})`}` }
}
