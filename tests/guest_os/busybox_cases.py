"""What busybox is asked for: (applet, shell script). Each runs in a fresh copy of the tree `make_tree` makes."""

from __future__ import annotations

import os
from pathlib import Path

TIME = 1_000_000_000
"""Every file's modification time: 2001-09-09T01:46:40Z."""

TEXT = """\
The quick brown fox
jumps over the lazy dog.
alpha beta gamma
beta\tdelta  epsilon

The end of the text
"""
TABLE = "carol 30 red\nalice 25 blue\nbob 30 green\ndave 7 blue\nalice 25 blue\n"


def make_tree(root: Path) -> Path:
    """The tree: texts, numbers, bytes, nested directories, links, modes."""
    (root / "d/e/f").mkdir(parents=True)
    (root / "empty").mkdir()
    files = {
        "text": TEXT, "table": TABLE, "numbers": "".join(f"{n}\n" for n in (10, 9, 100, 1, 22, 3)),
        "new": TEXT.replace("lazy", "sleepy").replace("alpha", "omega"), "d/one": "1\n", "d/two": "22\n",
        "d/e/three": "333\n", "d/e/f/four.c": "int main(void) { return 4; }\n", "void": "",
        "dos": "one\r\ntwo\r\n", "script": "#!/bin/sh\necho script: $0 $#: $*\n",
    }
    for name, text in files.items():
        (root / name).write_text(text)
    (root / "bytes").write_bytes(bytes(range(256)) * 5)
    (root / "big").write_text("".join(f"line {n * 7919 % 10007} of the big file\n" for n in range(5000)))
    (root / "link").symlink_to("text")
    (root / "dangling").symlink_to("nowhere/at/all")
    (root / "d/up").symlink_to("..")
    (root / "script").chmod(0o755)
    (root / "table").chmod(0o600)
    for folder, folders, names in os.walk(root, topdown=False):
        for name in [*folders, *names]:
            path = Path(folder, name)
            if not path.is_symlink():
                os.utime(path, (TIME, TIME))
    os.utime(root, (TIME, TIME))
    return root


APPLETS = [
    ("ar", "ar -t x.a; cp text t2; ar -v -p x.a 2>&1 | head -3; echo $?"),
    ("ascii", "ascii | head -12"),
    ("awk", "awk '{ n[$3] += $2 } END { for (k in n) print k, n[k] }' table | sort"),
    ("awk", "awk -F: -v x=3 'BEGIN { printf \"%05d %s %x\\n\", x * 14, toupper(\"abc\"), 255; print length(\"hello\"), "
            "substr(\"hello\", 2, 3), index(\"hello\", \"l\"), split(\"a,b,c\", p, \",\"), p[2] }'"),
    ("awk", "awk 'function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } BEGIN { print f(15); "
            "\"echo cmd\" | getline line; print line; print \"out\" | \"cat\"; close(\"cat\"); exit 3 }'; echo $?"),
    ("base64", "base64 bytes | tail -n 2; base64 bytes | base64 -d | cmp - bytes && echo same"),
    ("basename", "basename /a/b/c.txt .txt; basename d/e/"),
    ("bc", "echo '2^200; scale=20; 1/7; sqrt(2); define f(n) { if (n < 2) return 1; return n * f(n - 1); } f(25)' | bc"),
    ("bzip2", "bzip2 -k big && bzip2 -dc big.bz2 | cmp - big && echo same"),
    ("cal", "cal 9 2001"),
    ("cat", "cat text void table; cat -n text; cat nothing; echo $?; cat - < numbers"),
    ("chmod", "chmod 640 text; chmod u+x,g-r,o=w numbers; chmod -R a+rwx d; ls -ld text numbers d d/e/three"),
    ("chown", "chown 12:34 text; chown -h 5:6 link; ls -ln text link; stat -c %u:%g text"),
    ("chgrp", "chgrp 99 text; stat -c %u:%g text"),
    ("crc32", "crc32 bytes; crc32 text"),
    ("cmp", "cmp text new; echo $?; cmp -l new text 2>/dev/null | head -3; cmp text text; echo $?; cmp text void; echo $?"),
    ("cp", "cp text t; cp -a d copy; cp -r link dangling empty 2>&1; ls -lR copy; cp text empty/; ls empty; cp -p table x; "
           "ls -l x; cp -s text sl; readlink sl; cp -l text hl; stat -c %h hl; cp nothing x; echo $?"),
    ("cpio", "find d text link | sort | cpio -o -H newc > a.cpio; wc -c < a.cpio | tr -d '0-9' ; cpio -t < a.cpio; mkdir x; cd x; "
             "cpio -i -d < ../a.cpio; find . | sort; cat d/e/three; readlink link"),
    ("cut", "cut -d' ' -f1,3 table; cut -c2-4 table; cut -b1 numbers; cut -f2 text"),
    ("date", "date -u -d @1000000000; date -u -d '2020-02-29 12:34:56' '+%Y %j %U %a %b %s'; date -u -r text +%F"),
    ("dc", "echo '10 3 ^ 7 + p 16 o p 2 k 1 3 / p' | dc"),
    ("dd", "dd if=bytes of=out bs=100 skip=1 count=3 2>&1 | sed 's/,.*//'; od -An -tx1 out | head -2; "
           "dd if=text bs=1 count=5 conv=ucase 2>/dev/null; echo; dd if=/dev/zero bs=4k count=3 2>/dev/null | wc -c; "
           "dd if=text of=out bs=10 seek=5 conv=notrunc 2>/dev/null; wc -c out"),
    ("diff", "diff text new; echo $?; diff -u text new | tail -n +3; diff -r d/e d/e; echo $?; cp -r d/e x; echo n > x/n; "
             "diff -rq d/e x; echo $?"),
    ("dirname", "dirname /a/b/c; dirname x; dirname a/"),
    ("dos2unix", "dos2unix dos; od -c dos; unix2dos dos; od -c dos"),
    ("du", "mkdir z; du -s z | cut -f2; du -a d/e/f | cut -f2 | sort"),
    ("echo", "echo -e 'a\\tb\\0101'; echo -n x; echo y"),
    ("ed", "printf '2s/jumps/hops/\\n1,2p\\n$d\\nw out\\nq\\n' | ed text; cat out"),
    ("env", "env -i A=1 B=2 env | sort; env -u HOME sh -c 'echo ${HOME:-none}'"),
    ("expand", "expand text | head -4; unexpand -a text | tail -n 2"),
    ("expr", "expr 3 + 4 \\* 5; expr length hello; expr substr hello 2 3; expr hello : 'h\\(.*\\)o'; expr 1 = 2; echo $?"),
    ("factor", "factor 1234567890 97 4294967297"),
    ("false", "false; echo $?; true; echo $?"),
    ("find", "find . | sort; find . -name '*.c' -type f; find . -type l | sort; find . -type f -size +3k | sort; find d -maxdepth 1 "
             "-type f -newer text; find . -perm 600; find -L d -maxdepth 1 -type d | sort; find d/e/f -depth -print"),
    ("find", "find d -name 't*' -type f -exec wc -c {} \\; | sort; find d -name 'o*' -exec echo found {} +; find . -type f -name 'n*' -exec rm {} \\;; ls"),
    ("fold", "fold -w 10 text; fold -s -w 12 text"),
    ("getopt", "getopt -o ab:c -l long,arg: -- -a -b x --arg=3 file -c"),
    ("grep", "grep -n the text; grep -c blue table; grep -v blue table; grep -E '^(a|b)[a-z]+ [0-9]{2}' table; grep -r 3 d; "
             "grep -l beta text new numbers; grep -i -o THE text; grep -w of text; grep nope text; echo $?; grep -q fox text; "
             "echo $?; fgrep . text; egrep -A1 -B1 lazy text"),
    ("groups", "id -G root; groups root"),
    ("gzip", "gzip -k big; gzip -dc big.gz | cmp - big && echo same; gunzip -t big.gz && echo fine; gzip < text | zcat; "
             "gzip big; ls big*; gunzip big.gz; ls big*"),
    ("head", "head -n 2 text; head -c 7 text; echo; head -n -4 text; head -1 text table"),
    ("hexdump", "hexdump -C bytes | head -3; hexdump text | tail -n 2; xxd bytes | head -2; xxd -p text | xxd -r -p | cmp - text"),
    ("id", "id -u; id -un; id -g; id"),
    ("install", "install -m 750 -d x/y; install -m 644 text x/y/t; ls -l x/y; ls -ld x/y"),
    ("kill", "sleep 100 & kill $!; wait $!; echo $?; kill -l 9; kill -l | head -3; kill -0 999999; echo $?"),
    ("link", "link text two; ls -l two; unlink two; ls two; echo $?; link nothing x; echo $?"),
    ("ln", "ln text hard; ln -s text soft; ln -sf numbers soft; readlink soft; ls -l hard | cut -c1-15; ln text numbers; echo $?; "
           "ln -s a/b empty; readlink empty/b"),
    ("ls", "ls; ls -a d; ls -l; ls -1R d; ls -ld .; ls -F; ls -lh big; ls -S text table big bytes; ls -r; ls -d */; ls nothing; echo $?"),
    ("lzop", "lzop -c text | lzop -dc; xz --help >/dev/null 2>&1; echo $?"),
    ("md5sum", "md5sum text bytes void > sums; cat sums; md5sum -c sums; echo x >> text; md5sum -c sums; echo $?"),
    ("mkdir", "mkdir a; mkdir -p b/c/d; mkdir -m 700 p; mkdir a; echo $?; mkdir x/y; echo $?; ls -ld a p b/c/d"),
    ("mkfifo", "mkfifo p; ls -l p; cat text > p & cat < p | tail -n 1; wait; [ -p p ] && echo fifo"),
    ("mknod", "mknod n c 1 3; ls -l n; echo x > n; mknod q p; ls -l q"),
    ("mktemp", "t=$(mktemp ./x.XXXXXX); [ -f $t ] && echo file; stat -c %a $t; t=$(mktemp -d); [ -d $t ] && echo dir; rmdir $t"),
    ("mv", "mv text renamed; mv renamed empty; ls . empty; mv d e2; ls e2; mv -n numbers table; mv numbers table; cat table; "
           "mv nothing x; echo $?; mv e2 e2/e/; echo $?; mkdir full; echo > full/x; mv empty full/x; echo $?"),
    ("nice", "nice; nice -n 5 nice; renice -n 3 $$ ; nice"),
    ("nl", "nl text; nl -b a numbers"),
    ("nohup", "nohup echo hup < /dev/null; echo $?"),
    ("od", "od text | head -2; od -c text | head -3; od -t x4 bytes | head -2; od -An -td2 bytes | tail -n 1; od -j 10 -N 6 -b bytes"),
    ("paste", "paste numbers table; paste -s -d, numbers; paste -d: - - < numbers"),
    ("patch", "diff -u text new > p; patch text p; cmp text new && echo patched; patch -R text p; cmp text new"),
    ("printf", "printf '%s|%5d|%-5s|%05.1f|%x|%o|%c|%b\\n' str 42 ab 3.14159 255 8 xyz 'a\\tb'; printf '%d\\n' 1 2 3"),
    ("pwd", "pwd | sed 's#.*/##'; cd d/up/d; pwd | sed 's#.*/w#w#'; pwd -P | sed 's#.*/w#w#'"),
    ("readlink", "readlink link; readlink text; echo $?; readlink -f d/up/d/e/three | sed 's#.*/w/#w/#'"),
    ("realpath", "realpath d/up/link | sed 's#.*/w/#w/#'; realpath nothing/x; echo $?"),
    ("rev", "rev text"),
    ("rm", "rm text; rm nothing; echo $?; rm -f nothing; echo $?; rm d; echo $?; rm -r d; rm link; ls; rm -rf empty big; ls"),
    ("rmdir", "rmdir empty; rmdir d; echo $?; mkdir -p x/y/z; rmdir -p x/y/z; ls"),
    ("run-parts", "mkdir r; cp script r/a; cp script r/b; run-parts --test r"),
    ("sed", "sed 's/the/THE/g' text; sed -n '2,3p' text; sed -e '/beta/d' -e '$s/$/!/' text; sed -n '/alpha/,/end/{=;p}' text; "
            "sed -E 's/([a-z]+) ([0-9]+)/\\2:\\1/' table; sed 'y/abc/xyz/;2q' table; sed -i.bak 's/fox/cat/' text; head -1 text "
            "text.bak; sed ':a;N;$!ba;s/\\n/,/g' numbers; sed '1i first' numbers | head -2; sed -n '$=' big"),
    ("seq", "seq 5; seq 2 3 11; seq -w 8 11; seq -s, 3; seq 3 -1 1"),
    ("sha1sum", "sha1sum text bytes void"),
    ("sha256sum", "sha256sum text bytes void big; sha256sum big | sha256sum -c"),
    ("sha512sum", "sha512sum text; sha3sum text"),
    ("shuf", "shuf -i 1-9 | sort -n | tr -d '\\n'; shuf text | sort"),
    ("sleep", "sleep 0.01; echo $?; usleep 10; echo $?; true"),
    ("sort", "sort table; sort -n numbers; sort -rn numbers; sort -k2,2n -k1,1 table; sort -u table; sort -t' ' -k3 table; "
             "sort -c numbers; echo $?; sort -R numbers | wc -l; sort big | md5sum; sort -n -k2 big | head -3"),
    ("stat", "stat -c '%n %s %F %a %h %u %Y %A' text bytes; stat -c '%n %F %a %h %A' d link; stat -L -c %F link; stat nothing; echo $?; "
             "stat -f -c %T . > /dev/null; echo $?"),
    ("strings", "strings bytes | head -2; strings -n 10 big | head -1"),
    ("stty", "stty < text; echo $?; tty; echo $?; tty -s; echo $?"),
    ("sync", "sync; echo $?; sync text; echo $?"),
    ("tac", "tac text; tac numbers | head -1"),
    ("tail", "tail -n 2 text; tail -c 9 text; tail -n +5 text; tail -1 text table"),
    ("tar", "tar cf a.tar d/e/f d/one d/up text link; tar tf a.tar; mkdir x; tar xf a.tar -C x; find x | sort; diff -r d/e/f x/d/e/f && echo same; "
            "tar czf a.tgz d; tar tzf a.tgz | sort; tar xzf a.tgz -O d/one; tar tvf a.tar d/e/f; tar xf nothing; echo $?"),
    ("tee", "echo one | tee a b; echo two | tee -a a > /dev/null; cat a b"),
    ("test", "test -f text && echo f; [ -d d ] && echo d; [ -h link ] && echo h; [ -x text ] || echo nox; [ -s void ] || echo "
             "empty; [ 3 -lt 10 ] && echo lt; [ a = b ] || echo ne; [ -z '' -a -n x ] && echo and; [ text -nt void ] || echo nt; "
             "[ -e dangling ] || echo dangling; [ text -ef link ] && echo ef; [ a -eq 1 ]; echo $?"),
    ("time", "time -f '' true; echo $?"),
    ("timeout", "timeout 1 sleep 10; echo $?; timeout 5 true; echo $?; timeout -s KILL 0.1 sleep 10; echo $?"),
    ("touch", "touch new1; touch -d '2020-01-01 00:00:00' text; stat -c %Y text; touch -r void text; stat -c %Y text; touch -c no; "
              "ls no; touch d/x/y; echo $?"),
    ("tr", "tr a-z A-Z < table; tr -d aeiou < text; tr -s ' ' < text; tr '[:upper:]' '[:lower:]' < text; tr -cd '0-9\\n' < table"),
    ("sh", "find d | sort | sed 's#[^/]*/#  #g'"),
    ("truncate", "truncate -s 10 text; cat text; truncate -s 5000 numbers; wc -c numbers; truncate -s 0 big; ls -l big"),
    ("ts", "echo line | ts '' | tr -d ' '"),
    ("uname", "uname -s; uname -m"),
    ("uniq", "sort table | uniq -c; sort table | uniq -d; sort table | uniq -u; uniq -f1 table"),
    ("unxz", "xz -dc text; echo $?"),
    ("unzip", "unzip -l a.zip; echo $?"),
    ("usleep", "usleep 1000; echo $?"),
    ("uudecode", "uuencode bytes copy > u; head -2 u; uudecode u; cmp bytes copy && echo same; uuencode -m text x | tail -n 2"),
    ("vi", "printf ':wq\\n' | vi text > /dev/null 2>&1; head -1 text"),
    ("wc", "wc text table; wc -l < big; wc -c bytes; wc -w text; wc -L text; cat text | wc"),
    ("which", "which sh | sed 's#.*/##'; which nothing-like-it; echo $?"),
    ("who", "who | wc -l; whoami; hostid | wc -c; logname 2>/dev/null; echo"),
    ("xargs", "echo a b c | xargs -n 1 echo item; printf 'x y\\0z\\0' | xargs -0 -n 1 echo; seq 5 | xargs -I{} echo '<{}>'; "
              "echo 1 | xargs false; echo $?; find d -type f | sort | xargs cat; seq 1000 | xargs -n 100 | wc -l"),
    ("xzcat", "xzcat nothing; echo $?; bzcat text; echo $?"),
    ("yes", "yes | head -n 3; yes a b | head -n 2; yes | head -c 100000 | md5sum"),
]

SCRIPTS = [
    ("arithmetic", "x=7; echo $((x * 3 + 1)) $((x ** 2)) $((x << 4 | 3)) $((-7 / 2)) $((-7 % 3)) $((x > 3 ? 10 : 20)) $((0x1f + 010)); "
                   "let x+=5; echo $x; echo $((x++)) $x; i=0; while [ $i -lt 5 ]; do i=$((i + 1)); printf '%d ' $i; done; echo"),
    ("background", "(sleep 0.2; echo late) & echo early; wait; sleep 100 & p=$!; kill -TERM $p; wait $p; echo $?; "
                   "(exit 7) & wait $!; echo $?; jobs; for i in 1 2 3; do (exit $i) & done; wait; echo all"),
    ("case", "for w in apple 12 '' x.c; do case $w in a*) echo A;; [0-9]*) echo N;; '') echo empty;; *.c) echo C;; esac; done"),
    ("command substitution", "a=$(cat text | head -n 1); echo \"[$a]\"; echo $(echo $(echo nested)) `echo old`; n=$(wc -l < big); "
                             "echo $((n)); x=$(exit 3); echo $?; echo \"$(printf 'trailing\\n\\n\\n')\"; v=$(cat big); echo ${#v}"),
    ("exec", "exec 3> out; echo three >&3; exec 3>&-; cat out; exec 4< text; read a <&4; read b <&4; echo \"$b/$a\"; "
             "(exec echo replaced; echo never); exec 2>&1; ls nothing"),
    ("expansion", "f=/a/b/c.tar.gz; echo ${f##*/} ${f%.*} ${f%%.*} ${f#*/} ${#f}; unset u; echo ${u:-default} ${u:=set} $u ${f:+alt}; "
                  "echo ${u:?never}; echo ${f:3:4} ${f/b/X}; set -- a 'b c' d; echo $# \"$2\" \"$*\"; for x in \"$@\"; do echo \"<$x>\"; "
                  "done; shift; echo $1; echo d/* *.none ~ {a}; (echo ${nope:?gone}) 2>&1 | sed 's/.*nope/nope/'; echo $?"),
    ("functions", "f() { local x=$1; [ $x -le 1 ] && { echo 1; return; }; echo $((x * $(f $((x - 1))))); }; f 6; g() { return 3; }; g; "
                  "echo $?; h() { echo args $#: $@; }; h a 'b c'; unset -f h; h 2>/dev/null; echo $?"),
    ("here-document", "x=5; cat <<E\nvalue $x $(echo sub) $((x + 1))\nE\ncat <<'E'\nraw $x\nE\ncat <<-E\n\tno tab\n\tE\ncat <<A; cat <<B\n"
                      "one\nA\ntwo\nB\n while read l; do echo \"<$l>\"; done <<E\na b\nc\nE\n"),
    ("pipes", "cat big | sort | uniq -c | sort -rn | head -n 1 | tr -s ' '; echo a | { read x; echo got $x; }; ls | wc -l; "
              "false | true; echo $?; true | false; echo $?; set -o pipefail; false | true; echo $?; ! false; echo $?; "
              "yes | head -n 2; seq 100000 | tail -n 1; { echo out; echo err >&2; } 2>&1 | sort"),
    ("read", "printf 'a b c\\nd e\\n' | while read x y; do echo \"$y-$x\"; done; IFS=: read u p rest < /dev/stdin <<E\nroot:x:0:0\nE\n"
             "echo $u $p $rest; read -r l <<'E'\nback\\slash\nE\necho \"$l\"; while read n; do s=$((s + n)); done < numbers; echo $s; "
             "read z < void; echo $?"),
    ("redirection", "echo a > o; echo b >> o; cat < o; ls nothing > o 2>&1; cat o | wc -l; { echo x; echo y; } > o; cat o; : > o; wc -c o; "
                    "echo z | tee o > /dev/null; cat o; cat < nothing; echo $?; set -C; echo q > o; echo $?; echo w >| o; cat o"),
    ("set", "set -e; (false; echo not); echo $? || true; set +e; set -u; (echo $undefined) 2>/dev/null; echo $?; set -x; echo traced; "
            "set +x; echo $-x | tr -d 'a-z'; set -f; echo *; set +f"),
    ("signals", "trap 'echo got TERM' TERM; kill -TERM $$; trap 'echo got USR1; x=1' USR1; kill -USR1 $$; echo $x; trap - TERM; "
                "(trap 'echo sub exit' EXIT; exit 4); echo $?; trap '' INT; kill -INT $$; echo alive; "
                "sh -c 'kill -KILL $$'; echo $?; trap 'echo bye' EXIT; exit 6"),
    ("subshells", "x=1; (x=2; echo $x); echo $x; (cd d; pwd | sed 's#.*/##'); { y=3; }; echo $y; (exit 5) || echo failed $?; "
                  "echo $(x=9; echo $x) $x; ( ( (echo deep) ) ); sh -c 'echo $0 $1' zero one; ./script a b; . ./script"),
    ("loops", "for i in 1 2 3; do for j in a b; do [ $i$j = 2a ] && continue 2; [ $i = 3 ] && break 2; echo $i$j; done; done; "
              "until [ $((n += 1)) -ge 4 ]; do echo $n; done; for f in d/*; do echo $f; done; i=0; while :; do i=$((i + 1)); "
              "[ $i -gt 2000 ] && break; done; echo $i; for w; do echo never; done"),
    ("externals", "i=0; while [ $i -lt 30 ]; do env true || echo bad; i=$((i + 1)); done; echo $i; command -v sort | sed 's#.*/##'; "
                  "type cd; nosuchcommand; echo $?; ./text; echo $?; ./d; echo $?; env FOO=bar sh -c 'echo $FOO'"),
    ("wait and times", "sleep 0.1 & sleep 0.1 & wait; echo $?; wait 99999; echo $?; ulimit -n > /dev/null; echo $?; umask; umask 077; "
                       "echo > private; ls -l private | cut -c1-10; umask -S"),
]
