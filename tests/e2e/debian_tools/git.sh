export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_DATE='2001-01-01 00:00:00 +0000' GIT_COMMITTER_DATE='2001-01-01 00:00:00 +0000'
git init -q -b main r; cd r; echo one > a; git add a; git commit -qm first; echo two >> a; git diff; git commit -qam second
git checkout -q -b b; seq 2000 > c; git add .; git commit -qm third; git checkout -q main; git merge -q --no-ff -m merge b
git log --graph --oneline --stat | cat; git status; git gc -q; git fsck; git count-objects -v | head -n 4
git clone -q . ../r2; git -C ../r2 log -1 --format=%H; git blame -s a; git archive HEAD | tar tf - 2> /dev/null || git archive HEAD | wc -c
echo three >> a; git stash -q; git stash list; git stash pop -q; git commit -qam fourth; git -C ../r2 pull -q; git -C ../r2 grep -n three
git bisect start HEAD HEAD~2 > /dev/null; git bisect reset 2> /dev/null; git log --oneline -1; git tag -a v1 -m tag; git describe; git rev-parse HEAD
