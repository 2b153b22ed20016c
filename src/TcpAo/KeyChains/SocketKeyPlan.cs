using System.Collections.Immutable;

namespace TcpAo.KeyChains;

/// <summary>What brings a socket's keys to what a chain says at an instant.</summary>
/// <param name="Steps">What to do, in this order.</param>
/// <param name="Conditions">What is left to be told.</param>
/// <param name="Progress">What to give to the next plan.</param>
internal sealed record SocketKeyPlan(ImmutableArray<SocketKeyStep> Steps, SocketKeyCondition Conditions, SocketKeyProgress Progress)
{
    /// <summary>Whether something waits for the peer, so that the next look is due soon.</summary>
    public bool IsWaiting => (Conditions & ~(SocketKeyCondition.NoSendKey | SocketKeyCondition.NoAcceptKey)) != SocketKeyCondition.None;
}
