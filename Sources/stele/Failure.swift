// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleFetch
import SteleListener
import SteleLog
import SteleProjection
import SteleReplay
import SteleTranscript

/// Why the process ends before its work was done: the one place where errors become text and an exit code.
struct Failure {
    private enum Ending {
        /// Help or the version was asked for.
        case text(String)
        case failed(what: String, hint: String, code: Int32)
        /// Everything was said already.
        case silent(code: Int32)

        static func inputOutput(_ what: String, _ hint: String) -> Ending {
            .failed(what: what, hint: hint, code: ExitStatus.inputOutput.rawValue)
        }
    }

    private let ending: Ending

    init(_ error: any Error) {
        ending =
            switch error {
            case let error as CommandError:
                .failed(what: error.what, hint: error.hint, code: error.exit.rawValue)
            case let error as ReplayError: Self.failed(error)
            case let error as LogError: Self.failed(error)
            case let error as MirrorError: Self.failed(error)
            case let error as ImportError: .inputOutput("\(error)", error.remedy)
            case let error as OutputError: Self.failed(error)
            case let error as FetchError:
                .failed(
                    what: "\(error).", hint: error.remedy,
                    code: (error.code == .badSetting ? ExitStatus.badUsage : .inputOutput).rawValue)
            case let error as ViewsError: Self.failed(error)
            case let error as ConversationNameError:
                .failed(what: "\(error).", hint: error.remedy, code: ExitStatus.doesNotHold.rawValue)
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

    private static func failed(_ error: LogError) -> Ending {
        let status: ExitStatus = error.code == .contradictsCheckpoint ? .doesNotHold : .inputOutput
        return .failed(what: "\(error)", hint: error.remedy, code: status.rawValue)
    }

    private static func failed(_ error: MirrorError) -> Ending {
        let status: ExitStatus =
            switch error.code {
            case .overlaps: .badUsage
            case .ahead, .diverged, .damagedArchive: .doesNotHold
            case .foreign, .gone, .damagedOnArrival, .locked, .outOfSpace, .inputOutput, .stopped:
                .inputOutput
            }
        return .failed(what: "\(error)", hint: error.remedy, code: status.rawValue)
    }

    private static func failed(_ error: OutputError) -> Ending {
        let status: ExitStatus =
            switch error.code {
            case .inputOutput, .occupied: .inputOutput
            case .tooLarge, .unsupported: .doesNotHold
            }
        return .failed(
            what: "\(error.subject): \(error.reason)", hint: error.remedy, code: status.rawValue)
    }

    private static func failed(_ error: ViewsError) -> Ending {
        let status: ExitStatus =
            switch error.code {
            case .noSuchConversation: .doesNotHold
            case .lockedByAnotherProcess, .otherVersion, .inputOutput: .inputOutput
            }
        return .failed(what: "\(error)", hint: error.remedy, code: status.rawValue)
    }

    private static func other(_ error: any Error) -> Ending {
        let code = SteleCommand.exitCode(for: error)
        if code == .success { return .text(SteleCommand.fullMessage(for: error)) }
        if code == .validationFailure {
            return .failed(
                what: SteleCommand.message(for: error), hint: "See '\(help)'.",
                code: ExitStatus.badUsage.rawValue)
        }
        return .failed(what: "\(error)", hint: "", code: ExitStatus.inputOutput.rawValue)
    }

    /// The help of the command that was asked for.
    private static var help: String {
        let known = SteleCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        let named = CommandLine.arguments.dropFirst().first { known.contains($0) }
        return named.map { "stele \($0) --help" } ?? "stele --help"
    }
}
