namespace TcpAo.Keys;

/// <summary>Two peers of a policy that cover a connection with equal claim, so that nobody could say whose it is (RFC 5925 section 3.3, R-021).</summary>
/// <param name="First">The peer that was there before.</param>
/// <param name="FirstMatch">Its match.</param>
/// <param name="Second">The peer that ties with it.</param>
/// <param name="SecondMatch">Its match.</param>
public sealed record PeerTie(string First, ConnectionMatch FirstMatch, string Second, ConnectionMatch SecondMatch)
{
    /// <summary>A sentence for the one who wrote the policy.</summary>
    public override string ToString() =>
        $"Peers '{First}' ({FirstMatch}) and '{Second}' ({SecondMatch}) cover the same connections and neither is more specific.";
}
