find . -name '*.c'; find d -type f | sort; find . -type l -printf '%p -> %l\n' | sort; find d -depth | wc -l; find . -maxdepth 1 -type f -size +10k
find d -type f -printf '%P %y %s %m %d %TY\n' | sort; find . -perm 600; find . -type f -newer text; find . -empty | sort; find -L . -maxdepth 1 -type l; find . -xtype l
find d -type f -exec wc -c {} + | sort; find d -type f -exec sh -c 'echo "$1" | tr a-z A-Z' _ {} \; | sort; find d -name e -prune -o -type f -print | sort
find . -regex '.*/t[a-z]*' | sort; find . -iname 'TEXT' -o -path './d/e/*' | sort; find d -links +2 | wc -l; find nothere; echo $?
find d -mtime +300 -type f | wc -l; find d -samefile d/one; find . -type f -newermt 2001-09-10; find d -type f -execdir echo {} \; | sort
touch del1 del2; find . -name 'del*' -delete; ls del*
find . -user "$(id -u)" -type d | wc -l; find d -print0 | xargs -0 -n 1 basename | sort; find . -inum "$(stat -c %i text)"
find d -ls | wc -l; find d -fprint list; wc -l < list; find text d/one -quit; find -badoption; echo $?; find . -name big -readable -writable ! -executable
mkdir many; (cd many; seq 1500 | xargs touch); find many -type f | wc -l; find many -name '*99' | sort -V | tail -n 2; find many -delete; test -e many; echo $?
