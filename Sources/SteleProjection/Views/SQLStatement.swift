// SPDX-License-Identifier: Apache-2.0

import GRDB
import GRDBSQLite

/// A prepared statement, bound and read through SQLite's own functions.
///
/// GRDB prepares and owns it; binding an array of values a row would cost more than the insertion itself. Texts keep NUL
/// characters, which a C string would end at. Used only where its ``Database`` may be: on that connection's queue.
final class SQLStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private let connection: OpaquePointer?
    private var bound: Int32 = 0
    /// Bytes of bound texts and blobs, which must not change before the statement has run.
    private let kept: UnsafeMutableRawBufferPointer
    private var keptCount = 0

    /// `isShared` says whether the connection keeps the statement for the next read that wants the same one.
    init(_ database: Database, _ sql: String, isShared: Bool = false) throws {
        statement = try isShared ? database.cachedStatement(sql: sql) : database.makeStatement(sql: sql)
        handle = statement.sqliteStatement
        // A shared statement outlives this object, and what is bound to it must too: that is SQLite's to copy.
        kept = .allocate(byteCount: isShared ? 0 : 4096, alignment: 8)
        connection = database.sqliteConnection
    }

    deinit { kept.deallocate() }

    // MARK: Binding, from the first parameter on

    func put(_ value: Int64) {
        bound += 1
        sqlite3_bind_int64(handle, bound, value)
    }

    func put(_ value: Int) { put(Int64(value)) }
    func put(_ value: Bool) { put(value ? 1 : 0 as Int64) }

    func put(_ text: String) {
        var text = text
        text.withUTF8 { put(text: $0) }
    }

    func put(text bytes: some Collection<UInt8>) {
        let isBound: Void? = bytes.withContiguousStorageIfAvailable { put(text: $0) }
        if isBound == nil { put(text: Array(bytes)) }
    }

    private func put(text utf8: UnsafeBufferPointer<UInt8>) {
        bound += 1
        let kept = keep(UnsafeRawBufferPointer(utf8))
        // An empty buffer may have no address, and no address would mean NULL.
        guard let start = kept?.baseAddress ?? UnsafeRawPointer(utf8.baseAddress), !utf8.isEmpty else {
            sqlite3_bind_text(handle, bound, "", 0, nil)
            return
        }
        sqlite3_bind_text(
            handle, bound, start.assumingMemoryBound(to: CChar.self), Int32(utf8.count),
            kept == nil ? Self.copied : nil)
    }

    func put(blob bytes: [UInt8]) {
        bound += 1
        guard !bytes.isEmpty else {
            sqlite3_bind_zeroblob(handle, bound, 0)
            return
        }
        bytes.withUnsafeBytes { raw in
            let kept = keep(raw)
            _ = sqlite3_bind_blob(
                handle, bound, (kept ?? raw).baseAddress, Int32(raw.count), kept == nil ? Self.copied : nil)
        }
    }

    /// Copies bytes to where they stay until the statement has run; nil when there is no room.
    ///
    /// SQLite would allocate memory for each copy, and free it.
    private func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard bytes.count <= kept.count - keptCount else { return nil }
        let place = UnsafeMutableRawBufferPointer(rebasing: kept[keptCount..<keptCount + bytes.count])
        place.copyMemory(from: bytes)
        keptCount += bytes.count
        return UnsafeRawBufferPointer(place)
    }

    /// NULL for nil.
    func put(ifAny text: String?) {
        guard let text else { return putNull() }
        put(text)
    }

    /// NULL for nothing.
    func put(ifAny bytes: [UInt8]) {
        guard !bytes.isEmpty else { return putNull() }
        put(blob: bytes)
    }

    func putNull() {
        bound += 1
        sqlite3_bind_null(handle, bound)
    }

    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    // MARK: Running

    /// Runs a statement that returns no rows, and takes the parameters off.
    ///
    /// - Returns: Whether a row was inserted, updated or deleted.
    @discardableResult
    func run() throws -> Bool {
        defer { reset() }
        let result = sqlite3_step(handle)
        guard result == SQLITE_DONE || result == SQLITE_ROW else { throw failure(result) }
        return sqlite3_changes(connection) > 0
    }

    /// Moves to the next row; false at the end, where the statement is ready for new parameters.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            reset()
            return false
        case let result:
            defer { reset() }
            throw failure(result)
        }
    }

    /// The first row's value, or nil without one.
    func first<Value>(_ read: (SQLStatement) -> Value) throws -> Value? {
        defer { reset() }
        return try step() ? read(self) : nil
    }

    /// Every row's value.
    func all<Value>(_ read: (SQLStatement) throws -> Value) throws -> [Value] {
        defer { reset() }
        var values: [Value] = []
        while try step() { values.append(try read(self)) }
        return values
    }

    func reset() {
        bound = 0
        keptCount = 0
        sqlite3_reset(handle)
    }

    private func failure(_ result: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: result),
            message: connection.map { String(cString: sqlite3_errmsg($0)) }, sql: statement.sql)
    }

    // MARK: Reading the row, columns from zero

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
    func isInteger(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_INTEGER }
    func intIfAny(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func textIfAny(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// Nil for an empty text, which stands for "not told" in the columns of keys.
    func filledText(_ column: Int32) -> String? {
        let text = text(column)
        return text.isEmpty ? nil : text
    }

    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}
