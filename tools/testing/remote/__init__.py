"""`rvsim test --dist dask=ADDRESS`: the same cases, run by the workers of a Dask cluster.

    session   in pytest: the connection, and the loop that is taken over
    run       gives the items out, each until it has come back once; `replay` tells pytest of them
    job       what a run needs there: its files, which are a `bundle`, and how pytest is to be called
    cluster   the only module that knows Dask
    worker    in a worker of Dask: the files it was sent (`store`, `tree`), and the processes that run cases
    process   such a process: pytest, which runs one item after the other as it is told; they talk by `pipe`
"""
