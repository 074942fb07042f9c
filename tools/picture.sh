#!/bin/sh
# A picture as SVG from its text:  picture.sh IN.dot > OUT.svg
# Without a background, and with colours that follow the reader's light or dark setting.
set -eu
dot -Tsvg -Gbgcolor=transparent -Gfontname=sans-serif -Nfontname=sans-serif -Efontname=sans-serif -Gfontsize=11 -Nfontsize=11 -Efontsize=9 \
  -Nmargin=0.14,0.08 -Earrowsize=0.6 "$1" |
awk '
  { print }
  !styled && /<svg/ { opened = 1 }
  opened && !styled && />[ \t]*$/ {
    styled = 1
    print "<style>"
    print "svg { color-scheme: light dark }"
    print "text { fill: #1f2328 } .node path, .node polygon, .node ellipse, .edge path { stroke: #1f2328 }"
    print ".edge polygon { fill: #1f2328; stroke: #1f2328 } .cluster path, .cluster polygon { stroke: #8b949e }"
    print ".stage path { stroke: #0969da } .goal path { stroke: #1a7f37 } .faint path, .faint polygon, .faint ellipse { stroke: #8b949e } .faint text { fill: #59636e }"
    print ".edge.faint polygon { fill: #8b949e }"
    print "@media (prefers-color-scheme: dark) {"
    print "  text { fill: #e6edf3 } .node path, .node polygon, .node ellipse, .edge path { stroke: #e6edf3 }"
    print "  .edge polygon { fill: #e6edf3; stroke: #e6edf3 } .cluster path, .cluster polygon { stroke: #6e7681 }"
    print "  .stage path { stroke: #4493f8 } .goal path { stroke: #3fb950 } .faint path, .faint polygon, .faint ellipse { stroke: #8b949e } .faint text { fill: #9198a1 }"
    print "}"
    print "</style>"
  }'
