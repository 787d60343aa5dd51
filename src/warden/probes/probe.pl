# Tries, one line of standard input after the other (name TAB kind TAB arguments), to reach something, and says for each
# "name TAB reached|blocked TAB detail". Only what perl-base has, so that it runs in a sandbox as it is, and outside as
# the control. Nothing is ever sent off this machine: where a network has any way out, that is found and nothing is sent.
use strict; use warnings; use Socket; use POSIX ();
$| = 1; $SIG{PIPE} = 'IGNORE';
my $x64 = (POSIX::uname())[4] eq 'x86_64';
my %nr = $x64
  ? (ptrace=>101, mount=>165, unshare=>272, clone=>56, sethostname=>170, add_key=>248, keyctl=>250, bpf=>321, userfaultfd=>323, io_uring_setup=>425, process_vm_readv=>310, personality=>135, syslog=>103, pidfd_open=>434, setns=>308, open_tree=>428, swapon=>167, chroot=>161, exit=>60, perf_event_open=>298)
  : (ptrace=>117, mount=>40, unshare=>97, clone=>220, sethostname=>161, add_key=>217, keyctl=>219, bpf=>280, userfaultfd=>282, io_uring_setup=>425, process_vm_readv=>270, personality=>92, syslog=>116, pidfd_open=>434, setns=>268, open_tree=>428, swapon=>224, chroot=>51, exit=>93, perf_event_open=>241);
sub call { my $name = shift; $! = 0; my $r = syscall($nr{$name}, @_); return ($r, $!) }
sub verdict { my ($r, $e) = @_; return $r >= 0 ? ('reached', $r) : ('blocked', "$e") }
sub within { my ($s, $f) = @_; my @r; eval { local $SIG{ALRM} = sub { die "time\n" }; alarm $s; @r = $f->(); alarm 0; 1 } or do { alarm 0; @r = ('blocked', "no answer: $@") }; $r[1] =~ s/\s+/ /g; return @r }
# Interfaces that are up, beside the loopback.
sub ways_out { socket(my $s, AF_INET, SOCK_DGRAM, 0) or return (); my @out;
  for my $n (1 .. 64) { my $r = pack('a16 i x20', '', $n); ioctl($s, 0x8910, $r) or next; my ($name) = unpack 'Z16', $r; next if $name eq 'lo'; my $f = pack('Z16 x24', $name); ioctl($s, 0x8913, $f) or next; push @out, $name if unpack('x16 S', $f) & 1 } @out }
sub safely { my ($host, $f) = @_; my @out = $host =~ /^(127\.|::1$)/ ? () : ways_out(); @out ? ('reached', "a way out of this network (@out); nothing was sent") : $f->() }
# The process meant, and not one that has its number here.
sub itself { my ($pid, $start) = @_; return 1 unless defined $start; open(my $f, '<', "/proc/$pid/stat") or return 1; my $l = <$f> // ''; $l =~ s/.*\) //s; (split / /, $l)[19] == $start }
sub of_process { my ($pid, $start, $f) = @_; itself($pid, $start) ? $f->() : ('blocked', 'its own process') }
# Calls for each entry below the folders, up to so many and for so long; links are not followed.
sub each_below { my ($f, $left, @dirs) = @_; my $end = time + 4; while (defined(my $d = shift @dirs)) { return 0 if time > $end; opendir(my $h, $d) or next; for (readdir $h) { next if /^\.\.?$/; return 0 if --$left < 0; my $p = "$d/$_"; my @s = lstat $p or next; $f->($p, @s); push @dirs, $p if -d _ && !-l _ } } 1 }
my $of_instance = qr/ins_[0-9a-hjkmnp-tv-z]{26}/;
# Those that look at all its files end themselves in time, and say so.
my %looks = map { $_ => 1 } qw(walk paths linked devices);
my %device = map { $_ => 1 } qw(null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 ptmx:5:2 console:5:1);
my %kind = (
  read => sub { open(my $f, '<', $_[0]) or return ('blocked', "$!"); my $n = sysread($f, my $b, 64); defined $n && $n > 0 ? ('reached', $n) : ('blocked', "$! (empty)") },
  list => sub { opendir(my $d, $_[0]) or return ('blocked', "$!"); my @n = grep { !/^\.\.?$/ } readdir $d; @n ? ('reached', scalar @n) : ('blocked', 'empty') },
  # Opens for writing and writes nothing: what is planted stays as it is.
  write => sub { sysopen(my $f, $_[0], POSIX::O_WRONLY()) ? ('reached', '') : ('blocked', "$!") },
  create => sub { my $p = "$_[0]/planted-by-probe.$$"; sysopen(my $f, $p, POSIX::O_WRONLY()|POSIX::O_CREAT()|POSIX::O_EXCL()) or return ('blocked', "$!"); unlink $p; ('reached', '') },
  chmod => sub { my $m = (stat $_[0])[2]; return ('blocked', "$!") unless defined $m; chmod($m & 07777, $_[0]) ? ('reached', '') : ('blocked', "$!") },
  # A link planted in a folder of one's own, then followed.
  link => sub { my $l = "$_[1]/probe-link.$$"; symlink($_[0], $l) or return ('blocked', "$!"); my $ok = open(my $f, '<', $l); my $e = "$!"; unlink $l; $ok ? ('reached', '') : ('blocked', $e) },
  hardlink => sub { my $l = "$_[1]/probe-hard.$$"; link($_[0], $l) or return ('blocked', "$!"); unlink $l; ('reached', '') },
  unix => sub { socket(my $s, AF_UNIX, SOCK_STREAM, 0) or return ('blocked', "$!"); connect($s, pack_sockaddr_un($_[0])) ? ('reached', '') : ('blocked', "$!") },
  abstract => sub { socket(my $s, AF_UNIX, SOCK_STREAM, 0) or return ('blocked', "$!"); connect($s, pack('S a*', AF_UNIX, "\0$_[0]")) ? ('reached', '') : ('blocked', "$!") },
  tcp => sub { my ($h, $p, $said) = @_; safely($h, sub { socket(my $s, AF_INET, SOCK_STREAM, 0) or return ('blocked', "$!"); connect($s, pack_sockaddr_in($p, inet_aton($h))) or return ('blocked', "$!"); my $n = sysread($s, my $b, 64); !$n ? ('blocked', 'no answer') : defined $said && $b ne $said ? ('blocked', 'another answered') : ('reached', '') }) },
  tcp6 => sub { my ($h, $p, $said) = @_; safely($h, sub { socket(my $s, AF_INET6, SOCK_STREAM, 0) or return ('blocked', "$!"); connect($s, pack_sockaddr_in6($p, Socket::inet_pton(AF_INET6, $h))) or return ('blocked', "$!"); my $n = sysread($s, my $b, 64); !$n ? ('blocked', 'no answer') : defined $said && $b ne $said ? ('blocked', 'another answered') : ('reached', '') }) },
  udp => sub { my ($h, $p) = @_; safely($h, sub { socket(my $s, AF_INET, SOCK_DGRAM, 0) or return ('blocked', "$!"); connect($s, pack_sockaddr_in($p, inet_aton($h))) or return ('blocked', "$!"); defined send($s, 'probe', 0) or return ('blocked', "$!"); my $n = sysread($s, my $b, 16); $n ? ('reached', $b) : ('blocked', "$!") }) },
  socket => sub { socket(my $s, $_[0], $_[1], $_[2]) ? ('reached', '') : ('blocked', "$!") },
  signal => sub { my ($p, $t) = @_; of_process($p, $t, sub { kill(0, $p) ? ('reached', '') : ('blocked', "$!") }) },
  # Finds a word in any process's argument list.
  process => sub { my $w = $_[0]; for my $p (glob '/proc/[0-9]*') { next if $p eq "/proc/$$"; open(my $f, '<', "$p/cmdline") or next; local $/; my $c = <$f> // ''; return ('reached', $p) if index($c, $w) >= 0 } ('blocked', 'not in the list') },
  ptrace => sub { my ($p, $t) = @_; of_process($p, $t, sub { my $pid = fork() // return ('blocked', "$!"); if (!$pid) { my ($r, $e) = call('ptrace', 0x4206, $p+0, 0, 0); POSIX::_exit($r >= 0 ? 0 : $e+0) } waitpid $pid, 0; $? == 0 ? ('reached', '') : ('blocked', 'errno ' . ($? >> 8)) }) },
  vmread => sub { my ($p, $t) = @_; of_process($p, $t, sub { my $b = "\0" x 16; my $l = pack('P Q', $b, 16); my $r = pack('Q Q', 0x1000, 16); my ($n, $e) = call('process_vm_readv', $p+0, $l, 1, $r, 1, 0); ($n >= 0 || $e == POSIX::EFAULT()) ? ('reached', "$e") : ('blocked', "$e") }) },
  pidfd => sub { my ($p, $t) = @_; of_process($p, $t, sub { verdict(call('pidfd_open', $p+0, 0)) }) },
  addkey => sub { my ($t, $d, $v) = ('user', "borgen-probe-$$", 'x'); verdict(call('add_key', $t, $d, $v, 1, -2)) },
  findkey => sub { my ($t, $d) = ('user', "$_[0]"); verdict(call('keyctl', 10, -4, $t, $d, 0)) },
  # Its own session's, made when there is none.
  keyring => sub { verdict(call('keyctl', 0, -3, 1)) },
  # A counter of its own page faults, in user space only: what an unprivileged process may ask for at most.
  perf => sub { my $a = pack('L L Q Q Q Q Q', 1, 64, 2, 0, 0, 0, 0x60) . ("\0" x 16); verdict(call('perf_event_open', $a, 0, -1, -1, 0)) },
  tracechild => sub { my $pid = fork() // return ('blocked', "$!"); if (!$pid) { my ($r) = call('ptrace', 0, 0, 0, 0); POSIX::_exit($r >= 0 ? 0 : 1) } waitpid $pid, 0; $? == 0 ? ('reached', '') : ('blocked', 'refused') },
  hostname => sub { my $n = 'probed'; verdict(call('sethostname', $n, 6)) },
  mount => sub { my ($a, $b, $c) = ('none', "$_[0]", 'tmpfs'); verdict(call('mount', $a, $b, $c, 0, 0)) },
  chroot => sub { my $p = '/tmp'; my $pid = fork() // return ('blocked', "$!"); if (!$pid) { my ($r) = call('chroot', $p); POSIX::_exit($r >= 0 ? 0 : 1) } waitpid $pid, 0; $? == 0 ? ('reached', '') : ('blocked', 'refused') },
  opentree => sub { my $p = '/'; verdict(call('open_tree', -100, $p, 1)) },
  userns => sub { my $pid = fork() // return ('blocked', "$!"); if (!$pid) { my ($r, $e) = call('unshare', 0x10000000); POSIX::_exit($r >= 0 ? 0 : $e+0) } waitpid $pid, 0; $? == 0 ? ('reached', '') : ('blocked', 'errno ' . ($? >> 8)) },
  cloneuser => sub { my ($r, $e) = call('clone', 0x10000000|17, 0, 0, 0, 0); if ($r == 0) { syscall($nr{exit}, 0) } waitpid($r, 0) if $r > 0; verdict($r, $e) },
  setns => sub { my ($p, $t) = @_; of_process($p, $t, sub { open(my $f, '<', "/proc/$p/ns/net") or return ('blocked', "$!"); my $pid = fork() // return ('blocked', "$!"); if (!$pid) { my ($r) = call('setns', fileno($f), 0); POSIX::_exit($r >= 0 ? 0 : 1) } waitpid $pid, 0; $? == 0 ? ('reached', '') : ('blocked', 'refused') }) },
  iouring => sub { my $p = "\0" x 120; verdict(call('io_uring_setup', 4, $p)) },
  bpf => sub { my $a = pack('L L L L', 2, 4, 4, 1) . ("\0" x 56); verdict(call('bpf', 0, $a, 72)) },
  userfaultfd => sub { verdict(call('userfaultfd', 0)) },
  personality => sub { my $pid = fork() // return ('blocked', "$!"); if (!$pid) { my ($r) = call('personality', 0x0040000); POSIX::_exit($r >= 0 ? 0 : 1) } waitpid $pid, 0; $? == 0 ? ('reached', '') : ('blocked', 'refused') },
  klog => sub { my $b = "\0" x 64; verdict(call('syslog', 10, 0, 0)) },
  tiocsti => sub { sysopen(my $m, '/dev/ptmx', POSIX::O_RDWR()|POSIX::O_NOCTTY()) or return ('blocked', "no terminal: $!"); my $c = 'x'; defined ioctl($m, 0x5412, $c) ? ('reached', '') : ('blocked', "$!") },
  shm => sub { my $id = shmget($_[0], 0, 0); defined $id ? ('reached', $id) : ('blocked', "$!") },
  exec => sub { my $out = `$_[0] 2>&1`; $? == 0 ? ('reached', $out) : ('blocked', "$? $!") },
  # Whether a word stands in what the kernel tells a process about its mounts.
  # A file in /proc of a process.
  procread => sub { my ($p, $t, $n) = @_; of_process($p, $t, sub { open(my $f, '<', "/proc/$p/$n") or return ('blocked', "$!"); defined sysread($f, my $b, 64) ? ('reached', '') : ('blocked', "$!") }) },
  proclist => sub { my ($p, $t, $n) = @_; of_process($p, $t, sub { opendir(my $d, "/proc/$p/$n") ? ('reached', '') : ('blocked', "$!") }) },
  # Processes of another user.
  strangers => sub { my @p = grep { my $u = $>; if (open(my $f, '<', "$_/status")) { local $/; ($u) = (<$f> // '') =~ /^Uid:\t(\d+)/m } ($u // $>) != $> } glob '/proc/[0-9]*'; @p ? ('reached', scalar @p) : ('blocked', 'none') },
  # Files and sockets of another user in folders of its own, which it can open; the names of others in its own files.
  walk => sub { my @dirs = grep { -d } @_; my (@found, $closed, %seen); $closed = 0;
    my $whole = each_below(sub { my ($p, @s) = @_; return if $s[4] == $>; return if -l _;
      my $open = -S _ ? do { socket(my $c, AF_UNIX, SOCK_STREAM, 0); my $a = eval { pack_sockaddr_un($p) }; $a && connect($c, $a) } : -d _ ? opendir(my $d, $p) : -f _ ? sysopen(my $f, $p, POSIX::O_RDONLY()) || sysopen(my $g, $p, POSIX::O_WRONLY()) : -b _ || -c _;
      if ($open) { push @found, $p if @found < 3 } else { $closed++ } }, 200_000, @dirs);
    @found ? ('reached', "@found") : ('blocked', ($whole ? 'none' : 'INCOMPLETE: too many files') . ($closed ? ", $closed closed to it" : '')) },
  # Names in folders of its own, its own files among them, that have the id of another instance in them.
  paths => sub { my ($own, @dirs) = @_; @dirs = grep { -d } @dirs; my @found;
    my $whole = each_below(sub { my ($p) = @_; my ($n) = $p =~ m{([^/]+)$}; while ($n =~ /($of_instance)/g) { push @found, $p if $1 ne $own && @found < 3 } }, 200_000, @dirs);
    @found ? ('reached', "@found") : ('blocked', $whole ? 'none' : 'INCOMPLETE: too many files') },
  # Files in folders of its own that have another name outside them; looked at twice, since names come and go.
  linked => sub { my @dirs = grep { -d } @_; my ($whole, %twice) = (1);
    for my $round (1, 2) { my (%names, %links, %path);
      $whole &&= each_below(sub { my ($p, @s) = @_; return unless -f _ && $s[3] > 1; my $i = "$s[0]:$s[1]"; $names{$i}++; $links{$i} = $s[3]; $path{$i} = $p }, 200_000, @dirs);
      my @more = grep { $links{$_} > $names{$_} && ($round == 1 || $twice{$_}) } keys %links; %twice = map { $_ => $path{$_} } @more; last if !@more }
    my @found = (values %twice)[0 .. 2]; @found = grep { defined } @found;
    !$whole ? ('blocked', 'INCOMPLETE: too many files') : @found ? ('reached', "@found") : ('blocked', 'none') },
  # Ids of instances other than its own, in all the texts that a process is told of where it is.
  names => sub { my ($own, @more) = @_; my %found;
    for my $p (@more, '/proc/self/mountinfo', '/proc/net/unix', '/proc/cmdline', '/proc/keys', (map { "/etc/$_" } qw(hosts hostname passwd group resolv.conf fstab mtab)), glob('/proc/[0-9]*/cmdline'), glob('/proc/[0-9]*/environ')) { open(my $f, '<', $p) or next; sysread($f, my $t, 1 << 20) or next; $found{$1}++ while $t =~ /($of_instance)/g }
    my $n = (POSIX::uname())[1]; $found{$1}++ if $n =~ /($of_instance)/; delete $found{$own};
    %found ? ('reached', scalar(keys %found) . ' ids') : ('blocked', 'none') },
  devices => sub { my @found; each_below(sub { my ($p, @s) = @_; return unless -c _ || -b _; my ($major, $minor) = (($s[6] >> 8) & 0xfff, ($s[6] & 0xff) | (($s[6] >> 12) & 0xfff00)); my ($n) = $p =~ m{([^/]+)$}; return if $major == 136 || ($p =~ m{^/dev/} && $device{"$n:$major:$minor"}); push @found, $p }, 5000, @_); @found ? ('reached', "@found[0 .. ($#found > 2 ? 2 : $#found)]") : ('blocked', 'none') },
  # Addresses of version 4 that this network has, beside the loopback's own.
  addresses => sub { my @out = ways_out(); return ('reached', "@out") if @out; socket(my $s, AF_INET, SOCK_DGRAM, 0) or return ('blocked', "$!"); my $b = "\0" x 4000; my $c = pack('i x4 P', 4000, $b); ioctl($s, 0x8912, $c) or return ('blocked', "$!"); my $n = unpack 'i', $c; my @a; for (my $at = 0; $at < $n; $at += 40) { push @a, inet_ntoa(substr $b, $at + 20, 4) } @a = grep { !/^127\./ } @a; @a ? ('reached', "@a") : ('blocked', 'none') },
  mountinfo => sub { open(my $f, '<', '/proc/self/mountinfo') or return ('blocked', "$!"); local $/; my $t = <$f>; index($t, $_[0]) >= 0 ? ('reached', '') : ('blocked', 'not named') },
);
while (my $line = <STDIN>) {
  chomp $line; my ($name, $k, @a) = split /\t/, $line;
  next unless defined $k && $kind{$k};
  my @r = within($looks{$k} ? 10 : 3, sub { $kind{$k}->(@a) });
  $r[1] = "INCOMPLETE: $r[1]" if $looks{$k} && $r[0] eq 'blocked' && $r[1] =~ /^no answer/;
  print join("\t", $name, $r[0], $r[1]), "\n";
}
