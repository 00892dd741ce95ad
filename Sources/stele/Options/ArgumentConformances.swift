// SPDX-License-Identifier: Apache-2.0

// Public, because the types below are: a conformance is as visible as its type.
public import ArgumentParser
public import Logging
public import SteleEvents
package import SteleListener
package import SteleReplay
public import SteleTranscript

extension AsOf.Clock: ExpressibleByArgument {}
extension Surface: ExpressibleByArgument {}
extension ReplayPlan.Clock: ExpressibleByArgument {}
extension ImportFormat: ExpressibleByArgument {}
extension CallbackGate.UnsignedKind: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}

extension HourKey: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
