// Tests of the history that is kept across sessions.

import Testing

@testable import BackstepTerminal

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite struct HistoryFileTests {
  /// A new directory, removed afterwards.
  private func inDirectory(_ body: (String) throws -> Void) rethrows {
    var template = Array("/tmp/backstep-history-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap(mkdtemp) != nil }
    #expect(made)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { remove(path) }
    try body(path)
  }

  private func remove(_ path: String) {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { remove("\(path)/\(name)") }
      }
      closedir(directory)
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  private func write(_ bytes: [UInt8], to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    #expect(bytes.withUnsafeBytes { writeAll($0, to: descriptor) } == 0)
    close(descriptor)
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  @Test(arguments: ["x = 1", "a\nb", "\\n", "a\\", "\\\\x", "ŷ = σ(漢)", "\r\n", "tab\there"])
  func keepsAnEntry(_ entry: String) {
    let line = HistoryEntry.encoded(entry)
    #expect(line.dropLast().allSatisfy { $0 != 0x0a && $0 != 0 })
    #expect(HistoryEntry.decoded(line.dropLast()[...]) == entry)
  }

  @Test func survivesSessions() {
    inDirectory { directory in
      let path = directory + "/a/b/history"
      let first = HistoryFile(path: path)
      #expect(first.load() == [])
      for entry in ["x = 1", "f(1,\n 2)", "f(1,\n 2)", "", "  ", "x = 1"] { first.append(entry) }
      #expect(first.warning == nil)
      #expect(HistoryFile(path: path).load() == ["x = 1", "f(1,\n 2)", "x = 1"])
      #expect(mode(path) == 0o600)
      #expect(mode(directory + "/a/b") == 0o700)
    }
  }

  @Test func twoSessionsLoseNothing() {
    inDirectory { directory in
      let path = directory + "/history"
      let one = HistoryFile(path: path)
      let two = HistoryFile(path: path)
      for number in 0..<50 {
        one.append("one \(number)")
        two.append("two \(number)")
      }
      #expect(HistoryFile(path: path).load().count == 100)
    }
  }

  @Test func isShortenedWithoutLosingWhatOthersAdd() {
    inDirectory { directory in
      let path = directory + "/history"
      let old = HistoryFile(path: path, limit: 10)
      for number in 0..<30 { old.append("entry \(number)") }
      let entries = HistoryFile(path: path, limit: 10).load()
      #expect(entries == (20..<30).map { "entry \($0)" })
      old.append("after")
      let everything = HistoryFile(path: path, limit: 1000).load()
      #expect(everything == entries + ["after"])
    }
  }

  @Test func repairsAndReportsDamage() {
    inDirectory { directory in
      let path = directory + "/history"
      write(Array("good\n".utf8) + [0xff, 0xfe, 0x0a, 0, 0] + Array("end".utf8), to: path)
      let history = HistoryFile(path: path)
      #expect(history.load() == ["good", "end"])
      #expect(history.warning?.hasPrefix("1 unreadable entry in") == true)
      #expect(history.takeWarning() == history.warning)
      #expect(history.takeWarning() == nil)
      history.append("new")
      #expect(HistoryFile(path: path).load() == ["good", "end", "new"])
      #expect(mode(path) == 0o600)
    }
  }

  @Test func whatCannotBeAddedWaitsForTheNextEntry() {
    inDirectory { directory in
      let (folder, aside) = (directory + "/a", directory + "/b")
      let history = HistoryFile(path: folder + "/history")
      _ = history.load()
      history.append("one")
      #expect(history.takeWarning() == nil)
      // A file stands where the folder was.
      #expect(rename(folder, aside) == 0)
      write([], to: folder)
      history.append("two")
      #expect(history.takeWarning()?.hasPrefix("the history is not kept: cannot open") == true)
      history.append("three")
      #expect(history.takeWarning() == nil)
      unlink(folder)
      #expect(rename(aside, folder) == 0)
      history.append("four")
      #expect(history.takeWarning() == nil)
      #expect(HistoryFile(path: folder + "/history").load() == ["one", "two", "three", "four"])
    }
  }

  @Test func toleratesWhatStandsInItsPlace() {
    inDirectory { directory in
      mkfifo(directory + "/fifo", 0o600)
      write([], to: directory + "/file")
      let places = [directory, directory + "/fifo", directory + "/file/history", "/dev/null"]
      for path in places {
        let history = HistoryFile(path: path)
        #expect(history.load() == [])
        history.append("x")
        #expect(history.warning?.hasPrefix("the history is not kept: ") == true, "\(path)")
      }
      #expect(HistoryFile(path: nil).load() == [])
    }
  }

  @Test func findsItsPlace() {
    func place(_ values: [String: String]) -> String? {
      HistoryFile.standardPath { values[$0] }
    }
    #expect(place(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/backstep/history")
    #expect(place(["HOME": "/h"]) == "/h/.local/state/backstep/history")
    #expect(place(["XDG_STATE_HOME": "s", "HOME": "/h"]) == "/h/.local/state/backstep/history")
    #expect(place([:]) == nil)
  }
}
