# Plants what a probe is to look for, for as long as its standard input is open: sockets in the folder given, an abstract
# one, listeners on this network, shared memory, a key, and itself as a process. Whoever connects gets a word; nothing is
# read. The three addresses of others are planted where this network has no way out, and only there. Prints one line:
# whether it has none, then ports and names (by tabs). Needs perl-base alone.
use strict; use warnings; use Socket; use POSIX ();
my ($folder, $word) = @ARGV; $| = 1; $SIG{PIPE} = 'IGNORE';
my $x = (POSIX::uname())[4] eq 'x86_64';
my ($prctl, $addkey, $keyctl, $setresuid, $setresgid, $setgroups) = $x ? (157, 248, 250, 117, 119, 116) : (167, 217, 219, 147, 149, 159);
my @listen;
sub plant { my ($family, $at) = @_; socket(my $s, $family, SOCK_STREAM, 0) or return; setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1); bind($s, $at) or return; listen($s, 16) or return; push @listen, $s; $s }
for (qw(app.sock database.sock own/strange.sock)) { my $p = "$folder/$_"; unlink $p; plant(AF_UNIX, pack_sockaddr_un($p)) or die "$p: $!\n"; chmod 0777, $p }
plant(AF_UNIX, pack('S a*', AF_UNIX, "\0$word")) or die "abstract: $!\n";
socket(my $net, AF_INET, SOCK_DGRAM, 0) or die "network: $!\n";
my $up = pack('Z16 s x22', 'lo', 0x41); ioctl($net, 0x8914, $up);
my $private = 1;
for my $n (1 .. 64) { my $r = pack('a16 i x20', '', $n); ioctl($net, 0x8910, $r) or next; my $name = unpack 'Z16', $r; next if $name eq 'lo'; my $f = pack('Z16 x24', $name); ioctl($net, 0x8913, $f); $private = 0 if unpack('x16 S', $f) & 1 }
my $dns;
if ($private) {
  my $n = 0;
  for my $to (['169.254.169.254', 80], ['192.0.2.53', 53], ['198.51.100.10', 443]) {
    my $a = pack('Z16 a16 x8', 'lo:' . ++$n, pack_sockaddr_in(0, inet_aton($to->[0]))); ioctl($net, 0x8916, $a) or $private = 0;
    if ($to->[1] == 53) { socket($dns, AF_INET, SOCK_DGRAM, 0) && bind($dns, pack_sockaddr_in(53, inet_aton($to->[0]))) or $private = 0 }
    else { plant(AF_INET, pack_sockaddr_in($to->[1], inet_aton($to->[0]))) or $private = 0 }
  }
}
my $loop = plant(AF_INET, pack_sockaddr_in(0, inet_aton('127.0.0.1'))) or die "loopback: $!\n"; my ($port) = unpack_sockaddr_in getsockname $loop;
my $loop6 = plant(AF_INET6, Socket::pack_sockaddr_in6(0, Socket::inet_pton(AF_INET6, '::1'))); my $port6 = $loop6 ? (Socket::unpack_sockaddr_in6(getsockname $loop6))[0] : 0;
my ($kind, $name, $value) = ('user', $word, 'x'); my $key = syscall($addkey, $kind, $name, $value, 1, -4); syscall($keyctl, 5, $key, 0x3f3f3f3f) if $key >= 0;
if ($> == 0) { syscall($setgroups, 0, 0); syscall($setresgid, 65534, 65534, 65534); syscall($setresuid, 65534, 65534, 65534) == 0 or die "user: $!\n" }
my $shm = 1 + int rand 0x7ffffff0; my $segment = shmget($shm, 4096, 0666 | 01000); defined $segment or die "shared memory: $!\n";
syscall($prctl, 1, 15, 0, 0, 0);
sub done { shmctl($segment, 0, 0); POSIX::_exit(0) } $SIG{TERM} = \&done;
print join("\t", $private, $port, $port6, $shm), "\n";
for (;;) {
  my $wait = ''; vec($wait, fileno $_, 1) = 1 for @listen, *STDIN, $dns // ();
  select($wait, undef, undef, undef) > 0 or next;
  if (vec($wait, 0, 1)) { sysread(STDIN, my $b, 64) or done() }
  if ($dns && vec($wait, fileno $dns, 1)) { my $from = recv($dns, my $b, 512, 0); send($dns, $word, 0, $from) if $from }
  for (@listen) { next unless vec($wait, fileno $_, 1); accept(my $c, $_) or next; syswrite $c, $word }
}
