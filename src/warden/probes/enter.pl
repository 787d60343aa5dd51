# Becomes what is to be probed from, as the first line of standard input says (fields by tabs), and goes on with the text
# that comes after this one. Everything it will need is loaded before. Needs perl-base alone.
#   in PID UID cgroup.procs…   every namespace of that process, its user inside, no power, the filter on descriptor 3
#   as UID GID                 a user of this machine, with nothing around it: the control for what lies about
#   power                      root, in namespaces of its own for mounts and names: the control for what only power does
use strict; use warnings; use Socket; use POSIX (); $0 = 'borgen-probe';
{ my @load = ("$!", glob('/proc/self/stat')); "x" =~ /\w/i; }
my $x = (POSIX::uname())[4] eq 'x86_64';
my ($setns, $unshare, $mount, $prctl, $seccomp, $setgroups, $setresuid, $setresgid, $capset)
  = $x ? (308, 272, 165, 157, 317, 116, 117, 119, 126) : (268, 97, 40, 167, 277, 159, 147, 149, 91);
sub must { my ($what, $r) = @_; die "$what: $!\n" if $r < 0; $r }
sub lowered { # no power can come back
  for my $cap (0 .. 63) { syscall($prctl, 24, $cap, 0, 0, 0) } # PR_CAPBSET_DROP, up to the last the kernel knows
  syscall($prctl, 47, 4, 0, 0, 0); # PR_CAP_AMBIENT_CLEAR_ALL
  my ($h, $d) = (pack('L i', 0x20080522, 0), "\0" x 24); must('capset', syscall($capset, $h, $d));
  must('no new privileges', syscall($prctl, 38, 1, 0, 0, 0));
  must('undumpable', syscall($prctl, 4, 0, 0, 0, 0)); # nobody of the same user reads or bends what it says
  must('death signal', syscall($prctl, 1, 9, 0, 0, 0));
}
my ($word, @given) = split /\t/, <STDIN> =~ s/\n$//r;
if ($word eq 'in') {
  my ($pid, $uid, @groups) = @given;
  my $filter = '';
  if (open(my $f, '<&=', 3)) { binmode $f; local $/; $filter = <$f> // ''; close $f }
  if (open(my $o, '>', '/proc/self/oom_score_adj')) { syswrite $o, "1000\n" } # before the instance's own
  for (@groups) { open(my $g, '>', $_) or die "$_: $!\n"; syswrite($g, "$$\n") or die "$_: $!\n" }
  my %ns = map { open(my $f, '<', "/proc/$pid/ns/$_") or die "$_: $!\n"; $_ => $f } qw(cgroup ipc uts net pid mnt user);
  if ($> == 0) { must('setgroups', syscall($setgroups, 0, 0)) }
  else { # what owns its mounts lets its maker in, and from there in all the others
    my $owner = must('owner', ioctl($ns{mnt}, 0xb701, 0) || -1);
    must('owner', syscall($setns, $owner + 0, 0x10000000)); POSIX::close($owner);
  }
  my @links = map { readlink "/proc/$$/ns/$_" } keys %ns;
  for (qw(cgroup ipc uts net pid mnt)) { must("setns $_", syscall($setns, fileno $ns{$_}, 0)) }
  syscall($setns, fileno $ns{user}, 0) == 0 or $!{EINVAL} or die "setns user: $!\n";
  close $_ for values %ns;
  defined(my $child = fork) or die "fork: $!\n"; # the process namespace counts for children
  if ($child) { waitpid $child, 0; POSIX::_exit($? ? 1 : 0) }
  my $u = $uid + 0;
  must('setresgid', syscall($setresgid, $u, $u, $u)); must('setresuid', syscall($setresuid, $u, $u, $u));
  lowered();
  chdir '/' or die "/: $!\n";
  if (length $filter) { my $program = pack('S x![P] P', length($filter) / 8, $filter); must('filter', syscall($seccomp, 1, 0, $program)) }
} elsif ($word eq 'as') {
  my ($uid, $gid) = map { $_ + 0 } @given;
  if ($> == 0) { must('setgroups', syscall($setgroups, 0, 0)); must('setresgid', syscall($setresgid, $gid, $gid, $gid)); must('setresuid', syscall($setresuid, $uid, $uid, $uid)) }
  lowered();
} elsif ($word eq 'power') {
  must('unshare', syscall($unshare, 0x00020000 | 0x04000000)); # mounts, names
  my ($none, $root) = ('none', '/'); must('private', syscall($mount, $none, $root, 0, 0x44000, 0));
  must('death signal', syscall($prctl, 1, 9, 0, 0, 0));
} else { die "unknown word\n" }
POSIX::close(3);
