package attach

import "os"

func terminateSignal() os.Signal { return os.Interrupt }

func killSelf() { os.Exit(0xC0000005) }
