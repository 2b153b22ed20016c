using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using TcpAo.Linux.Sockets;

namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>
/// The .NET API on the sockets of whoever has TCP-AO: a kernel with CONFIG_TCP_AO, <c>tcpao exec</c>, or a daemon whose socket <c>--daemon</c> names. A program of its own, so that it can be run in a guest, and under another program.
/// It needs the addresses of <see cref="Ends"/> on the loopback device; connects over that; prints a line for each row and a count; and ends with 0, 1 if a row failed, 4 without TCP-AO.
/// </summary>
/// <remarks>The rows follow those of the kernel's fcnal-test: right, wrong and no key; for an address, a prefix and everybody; TCP MD5 beside TCP-AO; client and server; IPv4, IPv6 and IPv4-mapped.</remarks>
internal static class SocketProgram
{
    public const string Verb = "sockets";

    private const int AtOnce = 8;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--daemon", var path, ..])
        {
            TcpAoDaemon.Join(path);
            args = args[2..];
        }

        if (!TcpAoSupport.IsSupported)
        {
            Console.Error.WriteLine(TcpAoSupport.Reason);
            return 4;
        }

        string part = args.Length == 0 ? "" : args[0];
        List<MatrixRow> rows =
        [
            .. Ends.All.SelectMany(ends => (MatrixRow[])[.. AccessRows.Of(ends), .. Md5Rows.Of(ends), .. KeyRows.Of(ends), .. ManagerRows.Of(ends)])
                .Where(row => row.Name.Contains(part, StringComparison.Ordinal)),
        ];
        int failed = 0;
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (row, _) =>
        {
            string? failure = await TryAsync(row);
            Interlocked.Add(ref failed, failure is null ? 0 : 1);
            Console.WriteLine(failure is null ? $"ok    {row.Name}" : $"FAIL  {row.Name}: {failure}");
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows.Count - failed} of {rows.Count} rows passed, ports and received ids {(TcpAoSupport.HasExtension ? "by tcpao" : "refused")}, answered by {TcpAoSupport.Provider}, {clock.Elapsed.TotalSeconds:0.0} s"));
        return failed == 0 && rows.Count > 0 ? 0 : 1;
    }

    private static async Task<string?> TryAsync(MatrixRow row)
    {
        try
        {
            await row.RunAsync().WaitAsync(TimeSpan.FromMinutes(2));
            return null;
        }
        catch (Exception error) when (error is MatrixFailureException or TcpAoException)
        {
            return error.Message;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            return $"the loopback device lacks an address: ip -6 address add {Ends.IPv6Prefix}1/64 dev lo, and ...2 and ...3 ({error.Message})";
        }
        catch (Exception error)
        {
            return error.ToString().Replace('\n', '|');
        }
    }
}
