namespace TcpAo.Capture;

/// <summary>What a <see cref="CaptureReader"/> has found out about its file.</summary>
internal enum CaptureFormat
{
    /// <summary>The first bytes have not been seen.</summary>
    Unknown,

    /// <summary>draft-ietf-opsawg-pcap, in one of its magic numbers.</summary>
    Pcap,

    /// <summary>draft-ietf-opsawg-pcapng.</summary>
    Pcapng,

    /// <summary>Bad data was met: nothing more is read.</summary>
    Failed,
}
