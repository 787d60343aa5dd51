# Lets itself and what comes after it run nothing but what lies at these paths (Landlock), for good, and becomes the
# command given. Arguments: the paths, "--", the command. Needs perl-base alone.
use strict;
my @paths;
while (@ARGV && (my $path = shift @ARGV) ne '--') { push @paths, $path }
my $execute = pack('Q', 1); # handled_access_fs: LANDLOCK_ACCESS_FS_EXECUTE
my $rules = syscall(444, $execute, 8, 0);
die "landlock_create_ruleset: $!\n" if $rules < 0;
for my $path (@paths) {
  sysopen(my $place, $path, 0) or die "$path: $!\n";
  my $rule = pack('Q l', 1, fileno $place); # struct landlock_path_beneath_attr, packed
  syscall(445, $rules, 1, $rule, 0) == 0 or die "landlock_add_rule $path: $!\n";
}
syscall(446, $rules, 0) == 0 or die "landlock_restrict_self: $!\n";
exit 0 unless @ARGV;
exec { $ARGV[0] } @ARGV;
die "$ARGV[0]: $!\n";
