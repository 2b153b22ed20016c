namespace TcpAo.Linux.Netfilter;

/// <summary>What becomes of a queued packet.</summary>
internal enum NfQueueVerdict : byte
{
    /// <summary>It ends here; also what a packet gets that nobody decided on.</summary>
    Drop,

    /// <summary>It goes on as it came.</summary>
    Accept,

    /// <summary>It goes on with the bytes that are in the buffer now.</summary>
    AcceptChanged,
}
