// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTranscript
import Testing

/// Files the tests read, write and compare.
enum Fixture {
    /// A drawing of hills, 160 by 100 pixels, and its SHA-256.
    static let png = Data(base64Encoded: pngText) ?? Data()
    static let pngHash = "29828bb046e0f4fdc2ddc9cf3e9aaef9b459089861fc61dcd6d48fc65f5b57ac"
    private static let pngText = """
        iVBORw0KGgoAAAANSUhEUgAAAKAAAABkCAMAAAA2aMu9AAAAD1BMVEXP5/XwxHhYjG46aFz18OY3fgACAAABEUlEQVR42u3YS27D\
        QAwEUZJz/zt7GQRO5OHHnpZRdYDmE+CFZDMiIiIi+qr8J3GeJNFdW+iuLXTXFrprC93FhepAd3EhQIAAAQIEyMsC74N3f6PW/ybR\
        /6rT/y7W/2eBiIjo9sVT2jolY1ymrTtujM3EeYeIkUyc92FiFBPnpYj1p4lmiTMneNt3a7+JGCpx6gRv627+ZxvDZc4d4L08m3qc\
        eFsj75fx1nJXP4y7OHt9ef1qQJAftN2xAeOqLFpmrEUsLlpurEwsL1p2rERsLFp+LE1sLVplLEVsLlptbJvYXrTy2g5x9RetsfaK\
        uCYWrTN2SRxatN7Yv8axQevq/jJODtoSDyBAgAABAgQI8N7AB4KZPJXEM0ghAAAAAElFTkSuQmCC
        """

    static let shanghai = TimeZone(identifier: "Asia/Shanghai") ?? .gmt

    /// Runs `body` with a folder that is gone afterwards.
    static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A folder left behind harms no later test.
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    /// An archive's attachments folder with the drawing in it.
    static func attachments(in folder: URL) throws -> AttachmentFolder {
        let attachments = folder.appendingPathComponent("attachments")
        let place = attachments.appendingPathComponent("sha256/\(pngHash.prefix(2))")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try png.write(to: place.appendingPathComponent(pngHash))
        return AttachmentFolder(attachments)
    }

    static func text(of url: URL) throws -> String {
        String(decoding: try Data(contentsOf: url), as: UTF8.self)
    }
}
