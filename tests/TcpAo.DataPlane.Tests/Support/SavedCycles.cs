using TcpAo.Connections;
using TcpAo.Hosting.DataPlane;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>Lets every connection of a state file be one cycle of 2^32 sequence numbers further, as if 4 GiB had gone each way.</summary>
internal static class SavedCycles
{
    private const int HeaderLength = 4096;

    /// <summary>Rewrites the file of a program that does not run.</summary>
    public static void Advance(string statePath)
    {
        using FileStream file = File.Open(statePath, FileMode.Open, FileAccess.ReadWrite);
        byte[] record = new byte[StateRecord.Length];
        int found = 0;
        for (long at = HeaderLength; at < HeaderLength + (64L * StateRecord.Length); at += StateRecord.Length)
        {
            file.Position = at;
            file.ReadExactly(record);
            if (!StateRecord.TryRead(record, out ulong version, out SavedConnection saved))
            {
                continue;
            }

            found++;
            byte[] current = [.. StateRecord.CurrentFingerprint(record)];
            byte[] rnext = [.. StateRecord.RNextFingerprint(record)];
            StateRecord.Write(record, version, saved with { SendSne = saved.SendSne + 1, ReceiveSne = saved.ReceiveSne + 1 }, current, rnext);
            file.Position = at;
            file.Write(record);
        }

        Xunit.Assert.NotEqual(0, found);
    }
}
