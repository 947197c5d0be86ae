// Ends the process with a status.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

func leave(_ status: Int32) -> Never { exit(status) }
