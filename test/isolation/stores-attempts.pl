# Tries, as one user, to change or delete each file and folder named on the standard input, in every way there is, and says
# what was not refused: "path TAB attempt TAB what happened"; at last "#", how many attempts, how many refused.
#   perl stores-attempts.pl UID GID GROUPS OWN [PID]   GROUPS by commas; OWN: a folder of that user on the same file system;
#   PID: whose mount, network, IPC and process namespaces to enter first
# Only what perl-base has, all loaded before the namespaces are entered. Started as root; it gives that up first.
use strict; use warnings; use POSIX (); use Fcntl qw(:DEFAULT :mode);
my ($uid, $gid, $groups, $own, $pid) = @ARGV;
my $setns = (POSIX::uname())[4] eq 'x86_64' ? 308 : 268;
# The errors of who may not, or does not see it: EPERM, ENOENT, EACCES, EROFS. Whatever else happened came after permission.
my %refusal = (1 => 1, 2 => 1, 13 => 1, 30 => 1);
my @paths = <STDIN>; chomp @paths;
{ my @load = (getpwuid(0), "$!"); my $s = sprintf('%d', $! = 2); }
if ($pid) {
  my @ns = map { open(my $f, '<', "/proc/$pid/ns/$_") or die "$_: $!"; [$_, $f] } qw(ipc net pid mnt);
  for (@ns) { syscall($setns, fileno($_->[1]), 0) == 0 or die "setns $_->[0]: $!" }
  # The process namespace counts for children only.
  my $child = fork() // die "fork: $!";
  if ($child) { waitpid $child, 0; exit($? >> 8) }
}
my $list = join ' ', $gid, $gid, grep { $_ ne '' } split /,/, $groups;
$) = $list; $( = $gid; POSIX::setgid($gid); POSIX::setuid($uid); $> = $uid;
die "still root\n" if $< == 0 || $> == 0 || ($uid == $< ? 0 : 1);
my ($tried, $refused) = (0, 0);
sub attempt {
  my ($path, $name, $try) = @_;
  $tried++; $! = 0;
  my $ok = $try->();
  my $error = $! + 0;
  if (!$ok && $refusal{$error}) { $refused++; return }
  # A socket cannot be opened by anybody; what could be done to it are the other attempts.
  if (!$ok && $error == 6) { $refused++; return }
  print join("\t", $path, $name, $ok ? 'done' : "$!"), "\n";
}
my $n = 0;
for my $p (@paths) {
  my @s = lstat $p; my $mode = $s[2] // S_IFREG; my $size = $s[7] // 0; my $aside = "$p.probe"; my $mine = "$own/mine." . $n++;
  if (!S_ISDIR($mode)) {
    if (!S_ISLNK($mode)) {
      attempt($p, 'open for writing', sub { sysopen my $f, $p, O_WRONLY | O_NONBLOCK });
      attempt($p, 'open for appending', sub { sysopen my $f, $p, O_WRONLY | O_APPEND | O_NONBLOCK });
      attempt($p, 'truncate', sub { S_ISREG($mode) ? truncate($p, $size) : do { $! = 6; 0 } });
      attempt($p, 'chmod', sub { chmod $mode & 07777, $p });
      attempt($p, 'chown', sub { chown $uid, $gid, $p });
      attempt($p, 'change times', sub { utime 1, 1, $p });
      attempt($p, 'hard link', sub { link($p, $mine) && unlink $mine });
    }
    attempt($p, 'rename', sub { rename($p, $aside) && rename($aside, $p) });
    attempt($p, 'replace', sub { sysopen(my $f, $mine, O_WRONLY | O_CREAT) or die "own folder: $!"; close $f; my $r = rename $mine, $p; my $e = $! + 0; unlink $mine; $! = $e; $r });
    attempt($p, 'unlink', sub { unlink $p });
  } else {
    attempt($p, 'create a file in', sub { my $f = "$p/probe.$$"; sysopen(my $h, $f, O_WRONLY | O_CREAT | O_EXCL) && unlink $f });
    attempt($p, 'make a folder in', sub { my $f = "$p/probe.$$"; mkdir($f) && rmdir $f });
    attempt($p, 'link into', sub { my $f = "$p/probe.$$"; symlink('/', $f) && unlink $f });
    attempt($p, 'chmod', sub { chmod $mode & 07777, $p });
    attempt($p, 'chown', sub { chown $uid, $gid, $p });
    attempt($p, 'change times', sub { utime 1, 1, $p });
    attempt($p, 'rename', sub { rename($p, $aside) && rename($aside, $p) });
    attempt($p, 'rmdir', sub { rmdir $p });
  }
}
print "#\t$tried\t$refused\n";
