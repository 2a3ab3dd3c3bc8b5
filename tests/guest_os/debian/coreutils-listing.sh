ls -lA --time-style=+%F d/e/f
ls -l --time-style=full-iso d/one d/e/three
ls -R d; ls -F; ls -1S text table big numbers; ls -i text | wc -w
ls -d d e
ls --color=always -d d link dangling
dir -C -w 40; ls -Q dos; ls -m; ls -x -w 30; ls -lgGd --time-style=+%F d/e | cut -c 1-12
ls -n --time-style=+%s table big; ls -lt --time-style=+ d/one d/two
stat -c '%n %s %F %a %h %U:%G %Y' text table; stat -c '%n %s %F %a %h' link; stat -c '%n %F %a %U' d empty; stat -Lc %s link
readlink link dangling; readlink -f d/up/link; realpath d/up/d/e; realpath --relative-to=d/e text; pwd
ls nothere; echo $?
