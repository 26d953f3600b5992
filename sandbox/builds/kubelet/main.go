// Serves `pods/exec` and `pods/portforward` as a kubelet does, by the same library (cri-streaming), where no kubelet can run: what it is asked to run in a
// container runs behind a given command, such as one that enters the pod's network namespace.
//
// Usage: kubelet ADDRESS COMMAND [ARGUMENT...], where {pod} in an argument stands for <namespace>.<pod>. It authenticates nobody:
// only the API server may reach ADDRESS. Its certificate is made when it starts; API servers check it only when they are told to.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

const (
	idle     = 10 * time.Minute
	creation = 30 * time.Second
)

// pod runs commands for one pod.
type pod struct{ prefix []string }

func (p pod) ExecInContainer(ctx context.Context, _, _, _ string, command []string, in io.Reader, out, err io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	line := append(append([]string{}, p.prefix...), command...)
	child := exec.CommandContext(ctx, line[0], line[1:]...)
	child.Stdout, child.Stderr = out, err
	failure := run(child, in)
	if exit, ok := failure.(*exec.ExitError); ok {
		return &utilexec.ExitErrorWrapper{ExitError: exit}
	}
	return failure
}

// run ends when the child and whoever has its output have ended. Given as the child's Stdin, a client's stream would be waited for as
// well, WaitDelay or not, and a client may leave it open for ever.
func run(child *exec.Cmd, in io.Reader) error {
	if in != nil {
		pipe, err := child.StdinPipe()
		if err != nil {
			return err
		}
		go func() {
			_, _ = io.Copy(pipe, in)
			_ = pipe.Close()
		}()
	}
	return child.Run()
}

// PortForward connects to the pod's loopback from where its commands run: by this very program, as `kubelet dial PORT`.
func (p pod) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var said strings.Builder
	line := append(append([]string{}, p.prefix...), self, dial, fmt.Sprint(port))
	child := exec.CommandContext(ctx, line[0], line[1:]...)
	child.Stdout, child.Stderr = stream, &said
	err = run(child, stream)
	if said.Len() > 0 {
		return errors.New(strings.TrimSpace(said.String()))
	}
	return err
}

const dial = "dial"

func dialLoopback(port string) {
	connection, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		_, _ = io.Copy(connection, os.Stdin)
		_ = connection.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(os.Stdout, connection)
}

func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: kubelet ADDRESS COMMAND [ARGUMENT...]")
	}
	address, command := os.Args[1], os.Args[2:]
	if address == dial {
		dialLoopback(command[0])
		return
	}
	podOf := func(r *http.Request) (string, pod) {
		name := r.PathValue("namespace") + "." + r.PathValue("pod")
		prefix := make([]string, len(command))
		for i, argument := range command {
			prefix[i] = strings.ReplaceAll(argument, "{pod}", name)
		}
		return name, pod{prefix}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/exec/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		options, err := remotecommand.NewOptions(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		name, pod := podOf(r)
		remotecommand.ServeExec(w, r, pod, name, "", r.PathValue("container"), r.URL.Query()["command"], options, idle, creation, remotecommand.SupportedStreamingProtocols)
	})
	mux.HandleFunc("/portForward/{namespace}/{pod}", func(w http.ResponseWriter, r *http.Request) {
		options, err := portforward.NewV4Options(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		name, pod := podOf(r)
		portforward.ServePortForward(w, r, pod, name, "", options, idle, creation, portforward.SupportedProtocols)
	})
	server := http.Server{
		Addr:      address,
		Handler:   mux,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate()}, NextProtos: []string{"http/1.1"}},
	}
	log.Fatal(server.ListenAndServeTLS("", ""))
}
