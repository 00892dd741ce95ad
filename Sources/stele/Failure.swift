// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleReplay

/// Why the process ends before its work was done: the one place where errors become text and an exit code.
struct Failure {
    private enum Ending {
        /// Help or the version was asked for.
        case text(String)
        case failed(what: String, hint: String, code: Int32)
        /// Everything was said already.
        case silent(code: Int32)
    }

    private let ending: Ending

    init(_ error: any Error) {
        ending =
            switch error {
            case let error as CommandError:
                .failed(what: error.what, hint: error.hint, code: error.exit.rawValue)
            case let error as ReplayError: Self.failed(error)
            case let code as ExitCode: .silent(code: code.rawValue)
            default: Self.other(error)
            }
    }

    /// Says it and ends the process.
    func end() -> Never {
        switch ending {
        case .text(let text):
            print(text)
            exit(0)
        case .failed(let what, let hint, let code):
            StandardError.print("error: \(what)")
            if !hint.isEmpty { StandardError.print("hint: \(hint)") }
            exit(code)
        case .silent(let code): exit(code)
        }
    }

    private static func failed(_ error: ReplayError) -> Ending {
        let status: ExitStatus =
            switch error.code {
            case .badEndpoint: .badUsage
            case .unreachable: .inputOutput
            }
        return .failed(what: error.what, hint: error.remedy, code: status.rawValue)
    }

    private static func other(_ error: any Error) -> Ending {
        switch SteleCommand.exitCode(for: error) {
        case .success: return .text(SteleCommand.fullMessage(for: error))
        case .validationFailure:
            let named = CommandLine.arguments.dropFirst().first { !$0.hasPrefix("-") }
            let known = SteleCommand.configuration.subcommands.compactMap(\.configuration.commandName)
            let help =
                named.map { known.contains($0) ? "stele \($0) --help" : "stele --help" } ?? "stele --help"
            return .failed(
                what: SteleCommand.message(for: error), hint: "See '\(help)'.",
                code: ExitStatus.badUsage.rawValue)
        default:
            return .failed(what: "\(error)", hint: "", code: ExitStatus.inputOutput.rawValue)
        }
    }
}
