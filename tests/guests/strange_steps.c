#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <stdlib.h>
int counter; volatile int flag;
static void on(int s){ counter+=s; }
static void *work(void*p){ for(int i=0;i<100;i++) __atomic_add_fetch(&counter,1,5); return p; }
int main(void){ pthread_t t[3]; signal(SIGUSR1,on); for(int i=0;i<3;i++) pthread_create(&t[i],0,work,0);
 for(int i=0;i<3;i++) pthread_join(t[i],0); kill(getpid(),SIGUSR1);
 int st; pid_t p=fork(); if(!p){ volatile int*q=(int*)8; *q=1; _exit(3);} waitpid(p,&st,0); printf("%d %d\n",counter,WTERMSIG(st)); return 0;}
