// Command gresh is a router shell with a real DMVPN router behind it.
package main

func main() {}
