# Loads the system call filter that stands on a descriptor into itself, for good, and becomes the command given.
# Arguments: the numbers of prctl(2) and seccomp(2) on this machine, the descriptor, the command. Needs perl-base alone.
use strict;
my ($prctl, $seccomp, $descriptor) = map { $_ + 0 } splice @ARGV, 0, 3;
open(my $file, '<&=', $descriptor) or die "no filter: $!\n";
binmode $file;
my $filter = do { local $/; <$file> };
close $file;
my $count = length($filter) / 8;
die "the filter is cut off\n" if $count < 1 || $count != int $count;
my $program = pack('S x![P] P', $count, $filter); # struct sock_fprog
syscall($prctl, 38, 1, 0, 0, 0) == 0 or die "PR_SET_NO_NEW_PRIVS: $!\n";
syscall($seccomp, 1, 0, $program) == 0 or die "SECCOMP_SET_MODE_FILTER: $!\n";
exec { $ARGV[0] } @ARGV;
die "$ARGV[0]: $!\n";
