using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace TcpAo.Crypto.Batch;

/// <summary>The ways of computing batches of MACs, the fastest first, and the one that this CPU gets.</summary>
public static class MacPaths
{
    private static readonly ImmutableArray<MacPath> s_sha1 =
    [
        new HmacLanesPath<Sha1, Sha1Words512, Words512, Vector512<uint>>("avx-512, 16 lanes"),
        new HmacLanesPath<Sha1, Sha1Words256Vl, Words256Vl, Vector256<uint>>("avx-512vl, 8 lanes"),
        new HmacLanesPath<Sha1, Sha1Words256, Words256, Vector256<uint>>("avx2, 8 lanes"),
    ];

    private static readonly ImmutableArray<MacPath> s_sha256 =
    [
        new HmacLanesPath<Sha256, Sha256Words512, Words512, Vector512<uint>>("avx-512, 16 lanes"),
        new HmacLanesPath<Sha256, Sha256Words256Vl, Words256Vl, Vector256<uint>>("avx-512vl, 8 lanes"),
        new HmacLanesPath<Sha256, Sha256Words256, Words256, Vector256<uint>>("avx2, 8 lanes"),
    ];

    private static readonly ImmutableArray<MacPath> s_cmac = [new CmacLanesPath<AesX86>(), new CmacLanesPath<AesArm>()];

    /// <summary>Says for each algorithm how single MACs and batches are computed here.</summary>
    /// <returns>A line for each, such as <c>hmac-sha-1-96: single libcrypto; batches avx-512, 16 lanes</c>.</returns>
    public static IEnumerable<string> Describe() =>
        MacAlgorithms.All.Select(algorithm => $"{algorithm.Name}: single {algorithm.Implementation}; batches {Of(algorithm).Name}");

    /// <summary>The fastest that this CPU can.</summary>
    internal static MacPath Of(MacAlgorithm algorithm) => algorithm.BatchPath;

    /// <summary>All that this CPU can, the fastest first and one by one last.</summary>
    internal static IEnumerable<MacPath> AllOf(MacAlgorithm algorithm)
    {
        ImmutableArray<MacPath> lanes = algorithm switch
        {
            HmacAlgorithm<Sha1> => s_sha1,
            HmacAlgorithm<Sha256> => s_sha256,
            _ when ReferenceEquals(algorithm, MacAlgorithms.AesCmac) => s_cmac,
            _ => [],
        };
        return lanes.Where(path => path.IsSupported).Append(new OneByOnePath(algorithm));
    }
}
