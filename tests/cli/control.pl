# control.pl: an operator at a control socket: control.pl SOCKET WORD... sends each WORD as a line, prints an answer for each.
# With --half it says first that nothing more will come, with --mute N it sends WORD N times, reads nothing and stays.
use strict;
use warnings;
use IO::Socket::UNIX;
alarm 30; # whatever happens, a test does not hang here

my $half = @ARGV && $ARGV[0] eq "--half" ? shift : 0;
my $mute = @ARGV && $ARGV[0] eq "--mute" ? (shift, shift)[1] : 0;
my $path = shift;
my $s = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $path) or die "no answer at $path: $!\n";
if ($mute) {
  $s->blocking(0);
  for (1 .. $mute) { syswrite($s, "$ARGV[0]") or last }
  print "sent\n";
  $| = 1;
  sleep 20;
  exit;
}
syswrite($s, join("", map { "$_\n" } @ARGV));
shutdown($s, 1) if $half;
for (@ARGV) {
  my $line = <$s>;
  last unless defined $line;
  print $line;
}
