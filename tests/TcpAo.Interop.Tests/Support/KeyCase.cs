using System.Net;

namespace TcpAo.Interop.Tests.Support;

/// <summary>A key of both ends.</summary>
/// <param name="Name">The algorithm, as configurations have it.</param>
/// <param name="LinuxName">The algorithm, as Linux has it.</param>
/// <param name="Secret">In hex digits.</param>
/// <param name="MacLength">Bytes of MAC.</param>
/// <param name="IncludesOptions">Whether the MAC covers the other options.</param>
/// <param name="SendId">Ours; the peer's receive id.</param>
/// <param name="RecvId">Ours; the peer's send id.</param>
internal sealed record TestKey(string Name, string LinuxName, string Secret, int MacLength = 12, bool IncludesOptions = true, int SendId = 1, int RecvId = 2)
{
    private const int ExcludeOptions = 2;

    /// <summary>The peer's side of it.</summary>
    public string Argument => $"-k '{LinuxName},{Secret},{RecvId},{SendId},{MacLength},{(IncludesOptions ? 0 : ExcludeOptions)}'";
}

/// <summary>A connection with keys of its own, told from the others by its port.</summary>
internal sealed record KeyCase(string Name, int Port, bool IsIPv6, bool WeConnect, params IReadOnlyList<TestKey> Keys)
{
    /// <summary>What the peer has, where that differs.</summary>
    public IReadOnlyList<TestKey> PeerKeys { get; set; } = Keys;

    public bool EndsWithReset { get; set; }

    public IPAddress GuestAddress => IsIPv6 ? Guest.Guest6 : Guest.Guest4;

    public IPAddress HostAddress => IsIPv6 ? Guest.Host6 : Guest.Host4;

    /// <summary>The peer's program that waits for one connection and sends back what it gets.</summary>
    public string ServerCommand() => $"aopeer -l -1 -p {Port} -a any {Family}{PeerArguments}";

    /// <summary>The peer's program that connects.</summary>
    public string ClientCommand(string more = "") => $"aopeer -c {HostAddress} -p {Port} {Family}{more} {PeerArguments}";

    /// <summary>The program of ours that connects there with an ISN of choice and sends back what it gets.</summary>
    /// <param name="isn">The ISN.</param>
    /// <param name="from">The port that it connects from.</param>
    /// <param name="to">The port here.</param>
    public string RelayCommand(uint isn, int from, int to) => $"{GuestPrograms.Relay} {Family}-c {HostAddress} -p {to} -b {from} -i {isn} {PeerArguments}";

    private string Family => IsIPv6 ? "-6 " : "";

    private string PeerArguments => string.Join(' ', PeerKeys.Select(key => key.Argument));
}
