using System.Security.Cryptography;
using TcpAo.Crypto;
using TcpAo.Crypto.Batch;
using TcpAo.Fuzz.Memory;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Crypto;

/// <summary>MACs computed together, on every path that this CPU has, against the BCL; payloads end at a page that nobody may touch.</summary>
public sealed class MacBatchTests
{
    private const int Longest = 1600;

    private static readonly GuardedMemory s_payloads = new(MacBatch.Capacity * Longest);

    public static TheoryData<string, string> Paths =>
    [
        .. from algorithm in MacAlgorithms.All
           from path in MacPaths.AllOf(algorithm)
           select (algorithm.Name, path.Name),
    ];

    [Theory]
    [MemberData(nameof(Paths))]
    [Requirement("R-111", "R-135", "R-139")]
    public void EveryLength_OnEveryPath_EqualsTheReference(string name, string pathName)
    {
        (MacAlgorithm algorithm, MacBatch batch) = Create(name, pathName);
        for (int start = 0; start <= Longest; start += MacBatch.Capacity)
        {
            int[] lengths = [.. Enumerable.Range(start, Math.Min(MacBatch.Capacity, Longest + 1 - start))];
            foreach (int header in (int[])[0, 16, 52, 64, 104])
            {
                Check(algorithm, batch, lengths, [.. lengths.Select(length => Math.Min(header, length))]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    [Requirement("R-111", "R-135", "R-139")]
    public void RandomBatches_OnEveryPath_EqualTheReference(string name, string pathName)
    {
        (MacAlgorithm algorithm, MacBatch batch) = Create(name, pathName);
        var random = new Random(20_261_127);
        for (int round = 0; round < 150; round++)
        {
            int[] headers = [.. Enumerable.Range(0, 1 + random.Next(MacBatch.Capacity)).Select(_ => random.Next(MacInput.MaxLength + 1))];
            int shortest = random.Next(Longest - MacInput.MaxLength);
            int longest = round % 3 == 0 ? shortest : random.Next(shortest, Longest - MacInput.MaxLength);
            Check(algorithm, batch, [.. headers.Select(header => header + random.Next(shortest, longest + 1))], headers);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Batches_OnEveryPath_AllocateNothing(string name, string pathName)
    {
        (MacAlgorithm algorithm, MacBatch batch) = Create(name, pathName);
        (byte[][] keys, byte[] payloads) = (Keys(algorithm, MacBatch.Capacity, out _), AlgorithmRunner.Bytes(MacBatch.Capacity * 100));
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (int i = 0; i < keys.Length; i++)
            {
                batch.Add(keys[i], 0, 52, payloads, i * 100, i);
            }

            batch.Compute(payloads);
            batch.Clear();
        }));
    }

    [Fact]
    public void Describe_OnThisCpu_NamesAPathForEachAlgorithm()
    {
        string[] lines = [.. MacPaths.Describe()];
        Assert.Equal(MacAlgorithms.All.Length, lines.Length);
        Assert.All(lines, line => Assert.Contains("; batches ", line, StringComparison.Ordinal));
    }

    private static (MacAlgorithm Algorithm, MacBatch Batch) Create(string name, string pathName)
    {
        MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm);
        return (algorithm!, new MacBatch(algorithm!, MacPaths.AllOf(algorithm!).Single(path => string.Equals(path.Name, pathName, StringComparison.Ordinal))));
    }

    private static void Check(MacAlgorithm algorithm, MacBatch batch, int[] lengths, int[] headers)
    {
        byte[][] keys = Keys(algorithm, lengths.Length, out byte[][] raw);
        byte[][] messages = [.. lengths.Select((length, i) => AlgorithmRunner.Bytes(length, seed: i))];
        Span<byte> payloads = s_payloads.Copy(messages.SelectMany((message, i) => message.Skip(headers[i])).ToArray(), GuardSide.Behind);
        int at = 0;
        for (int i = 0; i < messages.Length; i++)
        {
            messages[i].AsSpan(0, headers[i]).CopyTo(batch.NextHeader);
            Assert.Equal(i, batch.Add(keys[i], 0, headers[i], payloads, at, lengths[i] - headers[i]));
            at += lengths[i] - headers[i];
        }

        batch.Compute(payloads);
        for (int i = 0; i < messages.Length; i++)
        {
            byte[] expected = Reference(algorithm, raw[i], messages[i]);
            Assert.True(batch.Mac(i).SequenceEqual(expected.AsSpan(0, MacAlgorithm.LongestMac)), $"length {lengths[i]}, header {headers[i]}, job {i} of {messages.Length}");
        }

        batch.Clear();
    }

    private static byte[][] Keys(MacAlgorithm algorithm, int count, out byte[][] raw)
    {
        raw = [.. Enumerable.Range(0, count).Select(i => AlgorithmRunner.Bytes(algorithm.IsTcpMd5 ? 33 : algorithm.TrafficKeyLength, seed: 1000 + i))];
        return [.. raw.Select(key =>
        {
            algorithm.Prepare(key, out TrafficKey prepared);
            return TrafficKey.Read(in prepared)[..algorithm.PreparedLength].ToArray();
        })];
    }

    private static byte[] Reference(MacAlgorithm algorithm, byte[] key, byte[] message) => algorithm.Name switch
    {
        "hmac-sha-1-96" => HMACSHA1.HashData(key, message),
        "aes-128-cmac-96" => ReferenceCmac.Compute(key, message),
        "hmac-sha-256" or "hmac-sha-256-128" => HMACSHA256.HashData(key, message),
        "tcp-md5" => MD5.HashData([.. message, .. key]),
        _ => AlgorithmRunner.Mac(algorithm, key, message, MacAlgorithm.LongestMac),
    };
}
