gawk '{ n[$3] += $2; w[$3] = w[$3] " " $1 } END { PROCINFO["sorted_in"] = "@ind_str_asc"; for (c in n) print c, n[c] w[c] }' table
gawk 'BEGIN { print length("hello"), substr("hello", 2, 3), index("hello", "lo"), toupper("abc"), sprintf("%c%5.2f|%-5s|%05d", 65, 3.14159, "ab", 42) }'
gawk 'function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } BEGIN { print f(18) }'
gawk 'BEGIN { print gensub(/(\w+) (\w+)/, "\\2 \\1", "g", "one two three four"); print match("foobar", /o+(b)/, m), RSTART, RLENGTH, m[1] }'
gawk 'BEGIN { n = split("c,a,b", p, ","); asort(p); for (i = 1; i <= n; i++) printf "%s ", p[i]; print strtonum("0x1F"), and(12, 10), xor(5, 1), lshift(1, 20) }'
gawk 'BEGIN { while (("seq 3" | getline x) > 0) s += x; close("seq 3"); print s; print "b\na" | "sort"; print close("sort"), system("echo shell; exit 3") }'
gawk 'BEGIN { c = "cat"; print "to coprocess" |& c; close(c, "to"); c |& getline l; print l; close(c) }'
gawk -F'[ ]' -v OFS=- 'NR == FNR { seen[$1]++; next } $1 in seen { $1 = $1; print FILENAME, FNR, NF, $0 }' table table
gawk 'BEGIN { RS = ""; FS = "\n" } { print NR ": " $1 }' text
gawk 'BEGINFILE { print "file " FILENAME } ENDFILE { print FNR }' table numbers
gawk '/fox/,/dog/ { print NR; next } /end/ { exit 7 }' text; echo $?
gawk 'NR % 1000 == 0 { print > ("out" NR / 1000) }' big; cat out*
gawk 'BEGIN { printf "%.10g %.10g %.10g %d\n", atan2(0, -1), exp(1), log(10), 2 ** 31; print strftime("%Y", 0, 1), srand(1), srand(), int(-3.7) }'
gawk 'BEGIN { a["x"]["y"] = 1; print isarray(a["x"]), length(a); switch (3) { case /3/: print "three"; break; default: print "other" } }'
gawk '@include "nothere"' < text; echo $?
gawk 'BEGIN { print 1 / 0 }'; echo $?
gawk -f /dev/stdin text <<< 'END { print NR }'
gawk -b '{ s += length($0) } END { print s }' big
gawk 'BEGIN { print ENVIRON["HOME"], ARGC, ARGV[1] }' x y; gawk 'BEGIN { print PROCINFO["version"]; getline < "nothere"; print ERRNO }'
gawk 'BEGIN { printf "a\n" > "/dev/stderr"; print "b" | "cat 1>&2"; fflush() }'; gawk -M 'BEGIN { print 2 ^ 100 }'; gawk '{ print $1 }' nothere; echo $?
