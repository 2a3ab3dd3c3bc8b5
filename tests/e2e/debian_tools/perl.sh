cat > p.pl <<'EOF'
use strict; use warnings; use POSIX qw(floor :sys_wait_h); use File::Temp; use File::Find; use IPC::Open3; use Time::HiRes qw(sleep);
my %h = (one => 1, two => 2);
print join(",", map { "$_=$h{$_}" } sort keys %h), " ", floor(2.5), "\n";
open(my $pipe, "-|", "echo from a pipe; exit 2") or die; print <$pipe>; close $pipe; print $? >> 8, "\n";
if (my $child = fork) { waitpid $child, 0; print WEXITSTATUS($?), "\n" } else { exit 7 }
local $SIG{ALRM} = sub { die "alarm\n" }; alarm 1; eval { sleep 5 }; print $@;
my $file = File::Temp->new; print $file "x\ny\n"; close $file; open(my $in, "<", $file->filename); my @lines = <$in>; print scalar(@lines), "\n";
mkdir "d"; find(sub { print "$File::Find::name\n" }, "d"); print "ok\n" if "foobar" =~ /^(?<a>fo+)(?=bar)/; print "$+{a}\n";
my $pid = open3(my $to, my $from, undef, "cat"); print $to "through\n"; close $to; print <$from>; waitpid $pid, 0;
print scalar(localtime(0)) =~ /1970/ ? "epoch\n" : "no\n"; print sprintf("%vd", "1.22.333"), " ", `uname -m`; $0 = "renamed"; exec "sh", "-c", "echo last";
EOF
perl p.pl; echo 'a b c' | perl -lane 'print $F[1]'; perl -e 'die "gone\n"'; echo $?
