//go:build linux && !race

package stream

func released(int) {}

func acquired(int) {}
